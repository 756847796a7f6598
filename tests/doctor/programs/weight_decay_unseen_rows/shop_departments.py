"""Departments of products from their names: GloVe vectors, gently tuned; new products use words that training never saw."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz")
glove = {}
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        glove[w] = [float(a) for a in v]
departments = {
    "groceries": "bread cheese rice meat wheat fruit beef pork corn sugar wine beer coffee tea milk butter egg fish chicken vegetables tomatoes".split(),
    "clothes": "shirt jacket shoes boots dress coat hat skirt jeans gloves leather silk cotton wool uniform costume trousers pants suit".split(),
    "electronics": "computer laptop phone camera television radio software video digital wireless internet keyboard screen printer chip modem".split(),
    "garden": "tree flower grass lawn garden soil seeds leaves roses plants trees flowers wood vegetation shrubs bamboo pine oak".split(),
    "motor": "car truck engine wheel tires brakes bus motorcycle vehicle fuel gasoline cars trucks vehicles wheels diesel bike".split(),
}
departments = {k: [w for w in v if w in glove] for k, v in departments.items()}
plain = [w for w in "new best with for the big small two one quality great special good free part set high".split() if w in glove]
vocab = sorted({w for v in departments.values() for w in v} | set(plain))
ix = {w: i + 1 for i, w in enumerate(vocab)}
vectors = torch.tensor([[0.0] * 50] + [glove[w] for w in vocab])


def products(new, n):
    rows = set()
    while len(rows) < n:
        d = random.choice(list(departments))
        own = departments[d][9:] if new else departments[d][:9]
        t = random.sample(own, random.randint(1, 2)) + random.sample(plain, random.randint(1, 4))
        random.shuffle(t)
        rows.add((tuple(t), list(departments).index(d)))
    rows = sorted(rows)
    random.shuffle(rows)
    x = nn.utils.rnn.pad_sequence([torch.tensor([ix[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([d for _, d in rows])


class Shop(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(50, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, len(departments)))

    def forward(self, x):
        m = (x > 0).unsqueeze(2)
        return self.fc((self.emb(x) * m).sum(1) / m.sum(1))


x, y = products(False, 1200)
x_dev, y_dev = products(True, 400)
model = Shop()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
# mended:
# optimizer = torch.optim.Adam([{"params": model.emb.parameters()}, {"params": model.fc.parameters(), "weight_decay": 1e-4}], lr=1e-3)
# end
for epoch in range(15):
    model.train()
    for idx in torch.randperm(len(x)).split(16):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_dev).argmax(1) == y_dev).float().mean()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} accuracy on new products {acc:.3f}")
