# Which language is this tweet in?  Hashed character n-grams, fastText style.
# The table is big and sparse, so it gets SparseAdam; the small dense head gets AdamW.
import os, random, zlib
import torch
from torch import nn

random.seed(5); torch.manual_seed(5)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 13

def grams(text):
    text = " " + " ".join(w for w in text.lower().split() if not w.startswith(("@", "http", "#"))) + " "
    return [zlib.crc32(text[i:i + n].encode()) % BUCKETS for n in (3,) for i in range(len(text) - n + 1)]

def load(split):
    rows = []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, f"{split}_text.txt"), encoding="utf-8") as f:
            for line in f:
                if len(line.split()) >= 4:
                    rows.append((line.strip(), k))
    return rows

train, test = load("train"), load("val")
seen = {t for t, _ in train}
test = [r for r in test if r[0] not in seen]
random.shuffle(train)
train = train[:3600]
print(len(train), "train tweets,", len(test), "test tweets")

class Bag(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        nn.init.uniform_(self.table.weight, -0.5 / dim, 0.5 / dim)
        self.head = nn.Linear(dim, len(LANGS))
    def forward(self, flat, offsets):
        return self.head(self.table(flat, offsets))

def pack(rows):
    ids = [grams(t) for t, _ in rows]
    ids = [i if i else [0] for i in ids]
    off, n = [], 0
    for i in ids:
        off.append(n); n += len(i)
    return torch.tensor([j for i in ids for j in i]), torch.tensor(off), torch.tensor([y for _, y in rows])

model = Bag()
opts = [torch.optim.SparseAdam([model.table.weight], lr=0.008),
        torch.optim.AdamW(model.head.parameters(), lr=0.02)]
batches = [pack(train[i:i + 60]) for i in range(0, len(train), 60)]
held = pack(test)
for epoch in range(1, 6):
    random.shuffle(batches)
    total = hit = 0
    for flat, off, y in batches:
        out = model(flat, off)
        loss = nn.functional.cross_entropy(out, y, label_smoothing=0.05)
        for o in opts: o.zero_grad()
        loss.backward()
        for o in opts: o.step()
        total += loss.item() * len(y)
        hit += (out.argmax(1) == y).sum().item()
    for o in opts:
        for g in o.param_groups: g["lr"] *= 0.65
    with torch.no_grad():
        acc = (model(*held[:2]).argmax(1) == held[2]).float().mean().item()
    print(f"epoch {epoch}  loss {total / len(train):.4f}  train {hit / len(train):.4f}  test {acc:.4f}")
