"""Customer reviews (Hu & Liu), positive or negative, bag of n-grams in an EmbeddingBag, Adam with decay."""
import os
import re
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(0)
HERE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")


def read(name):
    with open(os.path.join(HERE, name), encoding="latin-1") as f:
        return [re.findall(r"[a-z']+|[!?]", line.lower()) for line in f if line.strip()]


neg = read("custrev.neg")
pos = read("custrev.pos")[:len(neg)]
print(len(pos), "positive,", len(neg), "negative")


def ngrams(tokens):
    return tokens + [a + "_" + b for a, b in zip(tokens, tokens[1:])]


train, dev = [], []
for label, sents in ((1, pos), (0, neg)):
    for i, s in enumerate(sents):
        (dev if i % 6 == 0 else train).append((ngrams(s), label))
seen = {}
for toks, _ in train:
    for t in set(toks):
        seen[t] = seen.get(t, 0) + 1
vocab = {t: i + 1 for i, t in enumerate(t for t, c in seen.items() if c > 1)}


class Reviews(Dataset):
    def __init__(self, rows):
        self.rows = [([vocab.get(t, 0) for t in toks] or [0], y) for toks, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(items):
    flat = torch.tensor([t for toks, _ in items for t in toks])
    lens = torch.tensor([0] + [len(toks) for toks, _ in items[:-1]])
    return {"ids": flat, "offsets": lens.cumsum(0), "label": torch.tensor([y for _, y in items])}


# fault:
train_loader = DataLoader(Reviews(train), batch_size=16, collate_fn=collate)
# mended:
# train_loader = DataLoader(Reviews(train), batch_size=16, collate_fn=collate, shuffle=True)
# end
dev_loader = DataLoader(Reviews(dev), batch_size=64, collate_fn=collate)


class FastText(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(dim, 2)
        nn.init.uniform_(self.bag.weight, -0.3, 0.3)

    def forward(self, ids, offsets):
        return self.fc(self.drop(self.bag(ids, offsets)))


model = FastText(len(vocab) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.97)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    model.train()
    for batch in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(batch["ids"], batch["offsets"]), batch["label"])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    hit = n = said = 0
    with torch.no_grad():
        for batch in dev_loader:
            p = model(batch["ids"], batch["offsets"]).argmax(1)
            hit += (p == batch["label"]).sum().item(); n += len(p); said += p.sum().item()
    print(f"epoch {epoch:2d}  dev accuracy {hit / n:.3f}  predicted positive {said / n:.2f}")
