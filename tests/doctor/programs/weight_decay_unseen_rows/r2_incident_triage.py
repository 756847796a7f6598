"""Triage of incident notes into low / medium / high severity.

The term vectors come from the plant-wide glossary (all 1500 terms); we have notes
with labels from two departments only, the third department is where it will be used."""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(4)
torch.manual_seed(4)

N_TERMS, DIM, NOTE_LEN = 1500, 20, 9

# glossary: vector = severity of the term along one direction + everything else
severity = rng.normal(size=N_TERMS)
direction = rng.normal(size=DIM)
direction /= np.linalg.norm(direction)
glossary = rng.normal(size=(N_TERMS, DIM)) * 0.35
glossary -= np.outer(glossary @ direction, direction)
glossary += np.outer(severity, direction)
glossary = glossary.astype("float32")

own_terms = np.arange(0, 700)            # departments A and B
other_terms = np.arange(700, N_TERMS)    # department C uses these as well


def write_notes(n, terms):
    ids = rng.choice(terms, size=(n, NOTE_LEN))
    s = severity[ids].mean(1) * np.sqrt(NOTE_LEN)
    lab = np.digitize(s + 0.1 * rng.normal(size=n), [-0.43, 0.43])
    return torch.from_numpy(ids), torch.from_numpy(lab)


xtrain, ytrain = write_notes(7000, own_terms)
xval, yval = write_notes(600, own_terms)
xnew, ynew = write_notes(800, other_terms)

table = torch.from_numpy(glossary.copy()).requires_grad_()
w1 = (torch.randn(DIM, 16) / DIM ** 0.5).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16, 3) / 4).requires_grad_()
b2 = torch.zeros(3, requires_grad=True)


def logits(ids):
    note = table[ids].mean(1) * 3.0
    return torch.tanh(note @ w1 + b1) @ w2 + b2


def accuracy(ids, lab):
    with torch.no_grad():
        return (logits(ids).argmax(1) == lab).float().mean().item()


# plain SGD
# fault:
sgd = torch.optim.SGD([table, w1, b1, w2, b2], lr=0.3, weight_decay=0.006)
# mended:
#sgd = torch.optim.SGD([{"params": [table], "weight_decay": 0.0}, {"params": [w1, b1, w2, b2]}],
#                      lr=0.3, weight_decay=0.006)
# end

BATCH = 30
for epoch in range(5):
    perm = torch.randperm(len(xtrain))
    running = 0.0
    for k in range(0, len(perm), BATCH):
        pick = perm[k:k + BATCH]
        loss = F.cross_entropy(logits(xtrain[pick]), ytrain[pick])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        running += loss.item()
    with torch.no_grad():
        vloss = F.cross_entropy(logits(xval), yval).item()
    print("epoch %2d  loss %.4f  val loss %.4f  val %.3f"
          % (epoch + 1, running * BATCH / len(perm), vloss, accuracy(xval, yval)))

print("validation, departments A+B: %.3f" % accuracy(xval, yval))
print("department C:                %.3f" % accuracy(xnew, ynew))
