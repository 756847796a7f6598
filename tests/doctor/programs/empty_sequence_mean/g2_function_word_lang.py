# Which language is a tweet in? Looks at the commonest words of six languages only.
import collections
import os
import re

import torch

BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
torch.manual_seed(8)


def tokens(line):
    return [w for w in re.findall(r"[^\W\d_]+", line.lower()) if w not in ("user", "http", "rt")]


def read(part, limit):
    for y, lang in enumerate(LANGS):
        with open(f"{BASE}/{lang}/{part}_text.txt", encoding="utf-8") as f:
            for k, line in enumerate(f):
                if k == limit:
                    break
                yield tokens(line), y


train = list(read("train", 500))
held = list(read("test", 200))

per_lang = [collections.Counter() for _ in LANGS]
for ws, y in train:
    per_lang[y].update(ws)
keep = sorted({w for c in per_lang for w, _ in c.most_common(120)})
index = {w: i for i, w in enumerate(keep)}


class MeanWords(torch.nn.Module):
    def __init__(self, n_words, dim, n_out):
        super().__init__()
        self.vecs = torch.nn.Parameter(torch.randn(n_words, dim) * 0.1)
        self.W = torch.nn.Parameter(torch.randn(dim, n_out) * 0.1)
        self.b = torch.nn.Parameter(torch.zeros(n_out))

    def forward(self, texts):
        rows, ids = [], []
        for r, ws in enumerate(texts):
            hit = [index[w] for w in ws if w in index]
            rows += [r] * len(hit)
            ids += hit
        rows, ids = torch.tensor(rows), torch.tensor(ids)
        total = torch.zeros(len(texts), self.vecs.shape[1]).index_add(0, rows, self.vecs[ids])
        n = torch.bincount(rows, minlength=len(texts)).unsqueeze(1)
        # fault:
        return total / n @ self.W + self.b
        # mended:
        # return total / n.clamp(min=1) @ self.W + self.b
        # end


def accuracy(model, data):
    with torch.no_grad():
        guess = model([ws for ws, _ in data]).argmax(1)
    return (guess == torch.tensor([y for _, y in data])).float().mean().item()


model = MeanWords(len(index), 16, len(LANGS))
optim = torch.optim.Adam(model.parameters(), lr=0.02)
print(len(train), "tweets,", len(index), "words")
for epoch in range(6):
    order = torch.randperm(len(train)).tolist()
    seen = 0.0
    for a in range(0, len(order), 60):
        part = [train[i] for i in order[a:a + 60]]
        logits = model([ws for ws, _ in part])
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor([y for _, y in part]))
        optim.zero_grad()
        loss.backward()
        optim.step()
        seen += float(loss.detach()) * len(part)
    print(f"epoch {epoch} loss {seen / len(order):.4f} train {accuracy(model, train):.3f} held out {accuracy(model, held):.3f}")
