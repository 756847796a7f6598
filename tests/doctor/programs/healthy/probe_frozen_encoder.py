# Probing: does an untrained, frozen conv encoder over characters know the suffix class of a nonsense word?
# Only the probe learns; its inputs are computed once.
import random
import torch

random.seed(2); torch.manual_seed(2)
SUFFIX = {"ing": 0, "ness": 1, "ous": 2, "ly": 3}
LET = "abcdefghiklmnoprstuvwy"


def word():
    s = random.choice(list(SUFFIX))
    return "".join(random.choices(LET, k=random.randint(3, 6))) + s, SUFFIX[s]


rows = [word() for _ in range(3000)]
c2i = {c: i for i, c in enumerate(LET + "j", 1)}
X = torch.zeros(len(rows), 10, dtype=torch.long)
for i, (w, _) in enumerate(rows):
    X[i, 10 - len(w):] = torch.tensor([c2i[c] for c in w])            # right aligned
y = torch.tensor([t for _, t in rows])

encoder = torch.nn.Sequential(torch.nn.Embedding(30, 16, padding_idx=0), torch.nn.Flatten(), torch.nn.Linear(160, 128), torch.nn.Tanh())
encoder.requires_grad_(False).eval()
with torch.no_grad():
    H = encoder(X)
Htr, Hte, ytr, yte = H[:2400], H[2400:], y[:2400], y[2400:]
probe = torch.nn.Linear(128, 4)
opt = torch.optim.SGD(probe.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
for epoch in range(6):
    run = 0.0
    for b in torch.randperm(2400).split(48):
        loss = torch.nn.functional.cross_entropy(probe(Htr[b]), ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(b)
    with torch.no_grad():
        a, b = [(probe(h).argmax(1) == t).float().mean().item() for h, t in ((Htr, ytr), (Hte, yte))]
    print(f"probe epoch {epoch}: loss {run / 2400:.3f} train {a:.3f} test {b:.3f}")
