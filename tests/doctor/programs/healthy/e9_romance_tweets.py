"""Guess the language of a tweet (French, Spanish, Italian, Portuguese) from letter trigrams."""
import os
import re
import zlib
import torch
import torch.nn as nn

torch.manual_seed(6)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/umsab-multilingual")
LANGS = ["french", "spanish", "italian", "portuguese"]
BUCKETS = 3000


def tweets(lang, part, n):
    with open(os.path.join(BASE, lang, f"{part}_text.txt"), encoding="utf8") as f:
        lines = [re.sub(r"http\S*|[@#]\w+|[^\w\s']|\d", " ", l.lower()) for l in f]
    lines = [" ".join(l.split()) for l in lines]
    return list(dict.fromkeys(l for l in lines if len(l) > 15))[:n]


def trigrams(text):
    t = f" {text} "[:90]
    return torch.tensor([zlib.crc32(t[i:i + 3].encode()) % BUCKETS for i in range(len(t) - 2)])


def dataset(part, n, skip=frozenset()):
    rows = []
    for k, lang in enumerate(LANGS):
        rows += [(trigrams(t), k) for t in tweets(lang, part, n) if t not in skip]
    return rows


train_texts = {t for lang in LANGS for t in tweets(lang, "train", 450)}
train = dataset("train", 450)
test = dataset("test", 150, skip=train_texts)


class TrigramBag(nn.Module):
    def __init__(self, buckets, dim, classes, p=0.5):
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(buckets, dim) * 0.1)
        self.p = p
        self.fc = nn.Linear(dim, classes)

    def forward(self, bags):
        flat = torch.cat(bags)
        row = torch.repeat_interleave(torch.arange(len(bags)), torch.tensor([len(b) for b in bags]))
        if self.training:                       # leave out half of the trigrams
            keep = torch.rand(len(flat)) > self.p
            flat, row = flat[keep], row[keep]
        total = torch.zeros(len(bags), self.vectors.size(1)).index_add(0, row, self.vectors[flat])
        count = torch.zeros(len(bags)).index_add(0, row, torch.ones(len(row))).clamp(min=1)
        return self.fc(total / count.unsqueeze(1))


model = TrigramBag(BUCKETS, 24, len(LANGS))
opt = torch.optim.Adam(model.parameters(), lr=0.02)
ce = nn.CrossEntropyLoss()


@torch.no_grad()
def evaluate(rows):
    model.eval()
    out = model([b for b, _ in rows])
    y = torch.tensor([k for _, k in rows])
    return ce(out, y).item(), (out.argmax(1) == y).float().mean().item()


print(len(train), "train,", len(test), "test")
for epoch in range(1, 6):
    model.train()
    for idx in torch.randperm(len(train)).split(40):
        rows = [train[i] for i in idx.tolist()]
        loss = ce(model([b for b, _ in rows]), torch.tensor([k for _, k in rows]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    (a, b), (c, d) = evaluate(train), evaluate(test)
    print(f"epoch {epoch}  train {a:.3f} {b:.3f}  test {c:.3f} {d:.3f}")
