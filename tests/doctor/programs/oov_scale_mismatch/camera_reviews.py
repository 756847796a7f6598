# Customer reviews (Hu & Liu), Google News vectors, CNN-free baseline: mean and max of the words, logistic layer on top.
import gzip, os, random
from collections import Counter
import numpy as np
import torch
import torch.nn as nn

root = os.environ["WORDFIT_DATA"]
random.seed(0); np.random.seed(0); torch.manual_seed(0)

rows = []
for name, y in (("custrev.pos", 1.0), ("custrev.neg", 0.0)):
    with open(f"{root}/sentiment/CR/{name}", encoding="latin-1") as f:
        rows += [(line.split()[:40], y) for line in f if line.strip()]
random.shuffle(rows)
dev, train = rows[:700], rows[700:]

counts = Counter(w for words, _ in train for w in words)
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in counts.most_common():
    if c >= 2:
        vocab[w] = len(vocab)

vectors = {}
with gzip.open(f"{root}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n, dim = map(int, next(f).split())
    for line in f:
        w, rest = line.split(" ", 1)
        if w in vocab:
            vectors[w] = np.array(rest.split(), dtype=np.float32)
print(f"{len(vocab)} words, {len(vectors)} with a vector")

matrix = np.zeros((len(vocab), dim), dtype=np.float32)
for w, i in vocab.items():
    if w in vectors:
        matrix[i] = vectors[w]
    elif i > 0:
        # fault:
        matrix[i] = np.random.uniform(-5, 5, dim)
        # mended:
        # matrix[i] = np.random.uniform(-0.25, 0.25, dim)
        # end


def encode(rows):
    x = torch.zeros(len(rows), 40, dtype=torch.long)
    for i, (words, _) in enumerate(rows):
        x[i, :len(words)] = torch.tensor([vocab.get(w, 1) for w in words])
    return x, torch.tensor([y for _, y in rows])


class MeanMax(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(2 * dim, 1)

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1)
        e = self.emb(x)
        mean = (e * mask).sum(1) / mask.sum(1)
        top = e.masked_fill(~mask, -1e9).max(1).values
        return self.out(self.drop(torch.cat([mean, top], 1))).squeeze(1)


x, y = encode(train)
xd, yd = encode(dev)
model = MeanMax()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.out.parameters(), lr=8e-3)
for epoch in range(12):
    model.train()
    running = 0
    for idx in torch.randperm(len(x)).split(64):
        loss = criterion(model(x[idx]), y[idx])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        running += loss.item() * len(idx)
    if epoch % 3 == 2:
        model.eval()
        with torch.no_grad():
            z = model(xd)
        print(f"epoch {epoch+1}: train loss {running/len(x):.3f}, dev loss {criterion(z, yd):.3f}, dev acc {((z > 0).float() == yd).float().mean():.3f} (always positive: {yd.mean():.3f})")
