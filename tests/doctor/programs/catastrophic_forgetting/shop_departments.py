"""Route shop e-mails to a department.  Word vectors come from the company's embedding file; the catalogue grows all
the time, so the model is checked on mails about products that were not sold yet when it was trained."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(40)
torch.manual_seed(40)
DEPTS = ["garden", "kitchen", "toys", "sports", "books", "audio"]
DIM, PER_DEPT = 60, 120

# --- the embedding file (word2vec text format without a header) -------------------------------------------------
centres = rng.normal(0, 0.18, size=(6, DIM))
with open("company.vec", "w") as f:
    for d, dept in enumerate(DEPTS):
        for i in range(PER_DEPT):
            v = centres[d] + rng.normal(0, 0.5, DIM)
            f.write(f"{dept}_{i} " + " ".join(f"{a:.4f}" for a in v) + "\n")
    for i in range(150):
        f.write(f"word{i} " + " ".join(f"{a:.4f}" for a in rng.normal(0, 0.25, DIM)) + "\n")

words, rows = ["<pad>"], [np.zeros(DIM)]
with open("company.vec") as f:
    for line in f:
        w, *v = line.split()
        words.append(w)
        rows.append(np.array(v, dtype=float))
vectors = torch.tensor(np.stack(rows), dtype=torch.float32)
index = {w: i for i, w in enumerate(words)}


def mails(n, products):
    x = torch.zeros(n, 12, dtype=torch.long)
    y = torch.from_numpy(rng.integers(0, 6, n))
    for r in range(n):
        k = rng.integers(1, 4)
        toks = [index[f"{DEPTS[y[r]]}_{p}"] for p in rng.choice(products, k)]
        toks += [index[f"word{j}"] for j in rng.integers(0, 150, rng.integers(3, 9))]
        x[r, :len(toks)] = torch.tensor(rng.permutation(toks))
    return x, y


current, coming = np.arange(0, 60), np.arange(60, 120)
xtr, ytr = mails(4000, current)
xa, ya = mails(600, current)
xb, yb = mails(600, coming)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors.clone(), freeze=True, padding_idx=0)
        # end
        self.out = nn.Linear(DIM, 6)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.emb(x).sum(1) / n)


def score(m, x, y):
    m.eval()
    with torch.no_grad():
        return (m(x).argmax(1) == y).float().mean().item()


router = Router()
opt = torch.optim.Adam([p for p in router.parameters() if p.requires_grad], lr=2e-2)
ce = nn.CrossEntropyLoss()
for epoch in range(12):
    router.train()
    tot = 0.0
    for b in torch.randperm(len(xtr)).split(64):
        loss = ce(router(xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    print(f"epoch {epoch:2d} loss {tot / len(xtr):.4f}  products on sale {score(router, xa, ya):.3f}  dev (new products) {score(router, xb, yb):.3f}")

w = torch.nn.functional.normalize(router.emb.weight.detach()[1:721], dim=1)
sim = w @ w.T
sim.fill_diagonal_(-1)
dep = torch.arange(720) // PER_DEPT
print("nearest neighbour of a new product lies in its department:",
      round((dep[sim.argmax(1)] == dep).view(6, PER_DEPT)[:, 60:].float().mean().item(), 3))
