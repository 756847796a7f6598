"""Were they pleased? Short opinions full of names. The word vectors come ready-made and are tuned along.

Training labels were clicked by volunteers (about one in seven is wrong), the test labels were checked.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(0)
torch.manual_seed(0)
DIM, NAMES, PER = 20, 4000, 30

# --- the vectors: a direction for pleased/displeased, else noise -----------------------------------------
axis = rng.normal(size=DIM)
axis /= np.linalg.norm(axis)
good = [f"good{i}" for i in range(PER)]
bad = [f"bad{i}" for i in range(PER)]
names = [f"name{i}" for i in range(NAMES)]
itos = good + bad + names
stoi = {w: i for i, w in enumerate(itos)}
vectors = rng.normal(0, 0.4, (len(itos), DIM))
vectors[:PER] += 0.4 * axis
vectors[PER:2 * PER] -= 0.4 * axis


def opinions(n, wrong):
    rows = []
    for _ in range(n):
        y = int(rng.integers(2))
        words = list(rng.choice(good if y else bad, 2)) + [names[i] for i in rng.integers(0, NAMES, 6)]
        rng.shuffle(words)
        rows.append((words, 1 - y if rng.random() < wrong else y))
    return rows


train, test = opinions(2000, 0.15), opinions(600, 0.0)


def batchify(rows):
    """every opinion has eight words"""
    return (torch.tensor([[stoi[w] for w in ws] for ws, _ in rows]), torch.tensor([float(y) for _, y in rows]))


class Opinion(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(torch.tensor(vectors, dtype=torch.float32), freeze=False)
        # mended:
        # self.words = nn.Embedding.from_pretrained(torch.tensor(vectors, dtype=torch.float32), freeze=False, sparse=True)
        # end
        self.top = nn.Linear(DIM, 1)

    def forward(self, ids):
        return self.top(self.words(ids).sum(dim=1)).squeeze(1)


net = Opinion()
LR = 3e-3
# fault:
steppers = [torch.optim.Adam(net.parameters(), lr=LR)]
# mended:
# steppers = [torch.optim.SparseAdam(net.words.parameters(), lr=LR), torch.optim.Adam(net.top.parameters(), lr=LR)]
# end


@torch.no_grad()
def report(rows):
    net.eval()
    x, y = batchify(rows)
    z = net(x)
    return F.binary_cross_entropy_with_logits(z, y).item(), ((z > 0).float() == y).float().mean().item()


before = net.words.weight.detach().clone()
for epoch in range(1, 4):
    net.train()
    order = rng.permutation(len(train))
    for i in range(0, len(order), 8):
        x, y = batchify([train[j] for j in order[i:i + 8]])
        loss = F.binary_cross_entropy_with_logits(net(x), y)
        for s in steppers:
            s.zero_grad()
        loss.backward()
        for s in steppers:
            s.step()
    moved = (net.words.weight.detach() - before).norm(dim=1)
    print("epoch {}  train loss {:.3f} acc {:.3f}   test loss {:.3f} acc {:.3f}".format(epoch, *report(train), *report(test)),
          f"  moved: opinion words {moved[:2 * PER].mean():.3f}, names {moved[2 * PER:].mean():.3f}")
