# Fine-tuning small domain vectors together with a linear polarity head.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(5)
torch.manual_seed(5)
V, D, L = 12000, 16, 8

direction = rng.normal(size=D)
direction /= np.linalg.norm(direction)
leaning = rng.normal(size=V)
table = 0.12 * rng.normal(size=(V, D)) + 0.35 * leaning[:, None] * direction
with open("domain.vec", "w") as f:
    for i in range(V):
        f.write(f"w{i} " + " ".join(f"{x:.5f}" for x in table[i]) + "\n")

words, rows = {}, []
for line in open("domain.vec"):
    w, *xs = line.split()
    words[w] = len(words)
    rows.append([float(x) for x in xs])
vectors = torch.tensor(rows)

freq = 1.0 / np.arange(2000, V + 2000)
freq = rng.permutation(freq / freq.sum())


def sample(n):
    ids = rng.choice(V, size=(n, L), p=freq)
    y = (leaning[ids].sum(1) + 0.9 * rng.normal(size=n) > 0).astype("float32")
    return torch.from_numpy(ids), torch.from_numpy(y)


x_tr, y_tr = sample(8000)
x_dev, y_dev = sample(1500)


class Polarity(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.lookup = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        # mended:
        # self.lookup = nn.Embedding.from_pretrained(vectors.clone(), freeze=False, sparse=True)
        # end
        self.head = nn.Linear(vectors.size(1), 1)

    def forward(self, ids):
        return self.head(self.lookup(ids).sum(1)).squeeze(1)


model = Polarity(vectors)
head_opt = torch.optim.Adam(model.head.parameters(), lr=0.005)
# fault:
word_opt = torch.optim.Adam(model.lookup.parameters(), lr=0.006)
# mended:
# word_opt = torch.optim.SparseAdam(model.lookup.parameters(), lr=0.006)
# end

running, seen = 0.0, 0
for step, batch in enumerate(torch.randperm(len(x_tr)).split(10), 1):        # one pass is enough
    loss = F.binary_cross_entropy_with_logits(model(x_tr[batch]), y_tr[batch])
    head_opt.zero_grad()
    word_opt.zero_grad()
    loss.backward()
    head_opt.step()
    word_opt.step()
    running, seen = running + loss.item() * len(batch), seen + len(batch)
    if step % 100 == 0:
        with torch.no_grad():
            out = model(x_dev)
            dev_loss = F.binary_cross_entropy_with_logits(out, y_dev).item()
            acc = ((out > 0).float() == y_dev).float().mean().item()
            moved = (model.lookup.weight - vectors).norm(dim=1)
        print(f"step {step} train {running / seen:.4f} dev {dev_loss:.4f} acc {acc:.3f} | moved {moved.mean():.3f} of {vectors.norm(dim=1).mean():.3f}")
        running, seen = 0.0, 0
