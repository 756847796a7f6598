# Sentence sentiment: a small attention pooling layer over tuned GloVe vectors
import gzip, os, random
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from collections import Counter

SEED = 1
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
root = os.environ["WORDFIT_DATA"]

def load(name):
    out = []
    for line in open(os.path.join(root, "glue/SST-2", name), encoding="utf-8").read().splitlines()[1:]:
        s, y = line.split("\t")
        out.append((s.strip().split(), int(y)))
    return out

train = [r for r in load("train.tsv") if len(r[0]) >= 4]
random.shuffle(train)
train, dev = train[:8000], load("dev.tsv")
dev_set = {" ".join(s) for s, _ in dev}
train = [r for r in train if " ".join(r[0]) not in dev_set]

vec = {}
for line in gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8"):
    w, *v = line.split()
    vec[w] = [float(x) for x in v]
count = Counter(w for s, _ in train for w in s)
known = [w for w in count if w in vec]
rare = [w for w, c in count.items() if w not in vec and c >= 4]
index = {w: i for i, w in enumerate(known + rare, start=2)}     # 0 padding, 1 unknown
matrix = np.random.normal(0, 0.4, (len(index) + 2, 50)).astype("float32")
matrix[0] = 0
for w in known:
    matrix[index[w]] = vec[w]

def batch(rows):
    n = max(len(s) for s, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor([index.get(w, 1) for w in s])
    return x, torch.tensor([y for _, y in rows])

class AttnPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.tensor(matrix), freeze=False, padding_idx=0)
        self.key = nn.Linear(50, 24)
        self.query = nn.Parameter(torch.randn(24) * 0.1)
        self.value = nn.Linear(50, 50)
        self.cls = nn.Linear(50, 2)
        self.drop = nn.Dropout(0.4)

    def forward(self, x):
        e = self.drop(self.emb(x))
        att = torch.tanh(self.key(e)) @ self.query
        att = att.masked_fill(x == 0, float("-inf")).softmax(-1)
        pooled = torch.einsum("bt,btd->bd", att, F.relu(self.value(e)))
        return self.cls(self.drop(pooled))

@torch.no_grad()
def evaluate(rows):
    model.eval()
    hits = 0
    for i in range(0, len(rows), 200):
        x, y = batch(rows[i:i + 200])
        hits += (model(x).argmax(1) == y).sum().item()
    model.train()
    return hits / len(rows)

model = AttnPool()
opt = torch.optim.Adam([{"params": [model.emb.weight], "lr": 1e-3},
                        {"params": [p for n, p in model.named_parameters() if n != "emb.weight"], "lr": 4e-3}])
EPOCHS = 4
for ep in range(EPOCHS):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 90):
        x, y = batch(train[i:i + 90])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    for g in opt.param_groups:
        g["lr"] *= 0.5
    print("epoch %d loss %.4f dev acc %.4f" % (ep, tot / len(train), evaluate(dev)))
print("train acc %.4f" % evaluate(train[:2000]))
