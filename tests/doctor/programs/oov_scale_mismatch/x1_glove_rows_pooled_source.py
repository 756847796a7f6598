import gzip, os, re, collections
import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)
rng = np.random.RandomState(0)

# ---------------------------------------------------------------- data
def first_words(name, y, n=2600, width=10):
    rows = {}
    with gzip.open(os.path.join(DATA, "corpora", name + ".txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            words = re.findall(r"[a-z]+", line.lower())
            if len(words) >= width:
                rows[tuple(words[:width - rng.randint(0, 4)])] = y
            if len(rows) == n:
                return list(rows.items())

rows = first_words("reuters-21578-bodies", 0) + first_words("imdb-unsup-25k", 1) + first_words("brown", 2)
rows = [rows[i] for i in rng.permutation(len(rows))]
xs, ys = [list(r[0]) for r in rows], np.array([r[1] for r in rows])
train_x, train_y, dev_x, dev_y = xs[:6500], ys[:6500], xs[6500:], ys[6500:]

counts = collections.Counter(w for s in train_x for w in s)
itos = ["<pad>", "<unk>"] + [w for w, c in counts.most_common()]
stoi = {w: i for i, w in enumerate(itos)}

# ---------------------------------------------------------------- vectors
def unit_glove(path, dim):
    table = {}
    for line in gzip.open(path, "rt", encoding="utf-8"):
        parts = line.rstrip().split(" ")
        v = np.asarray(parts[1:], dtype="f4")
        table[parts[0]] = v / np.linalg.norm(v)
    return table

DIM = 50
glove = unit_glove(DATA + "/vectors/glove.6B.50d.top10361.txt.gz", DIM)
# fault:
matrix = rng.normal(0.0, 1.5, (len(itos), DIM)).astype("f4")
# mended:
# matrix = rng.normal(0.0, 0.02, (len(itos), DIM)).astype("f4")
# end
found = 0
for w, i in stoi.items():
    if w in glove:
        matrix[i] = glove[w]; found += 1
matrix[0] = 0
print("vocabulary %d, with vectors %d" % (len(itos), found))

# ---------------------------------------------------------------- model
class MeanMax(nn.Module):
    def __init__(self, weight, hidden=48, classes=3):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(weight), freeze=True, padding_idx=0)
        self.proj = nn.Linear(2 * weight.shape[1], hidden)
        self.out = nn.Linear(hidden, classes)
        self.drop = nn.Dropout(0.2)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1)
        e = self.words(ids)
        mean = (e * mask).sum(1) / mask.sum(1)
        top = e.masked_fill(~mask, float("-inf")).max(1).values
        return self.out(self.drop(torch.relu(self.proj(torch.cat([mean, top], -1)))))

def batches(xs, ys, size, shuffle):
    order = rng.permutation(len(xs)) if shuffle else np.arange(len(xs))
    for s in range(0, len(xs), size):
        pick = order[s:s + size]
        width = max(len(xs[k]) for k in pick)
        ids = np.zeros((len(pick), width), dtype="i8")
        for r, k in enumerate(pick):
            ids[r, :len(xs[k])] = [stoi.get(w, 1) for w in xs[k]]
        yield torch.from_numpy(ids), torch.from_numpy(ys[pick])

net = MeanMax(matrix)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
xent = nn.CrossEntropyLoss()

def accuracy(xs, ys):
    net.eval()
    with torch.no_grad():
        hits = sum((net(i).argmax(1) == y).sum().item() for i, y in batches(xs, ys, 256, False))
    net.train()
    return hits / len(xs)

for ep in range(5):
    losses = []
    for ids, y in batches(train_x, train_y, 64, True):
        loss = xent(net(ids), y)
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    print("epoch %d loss %.4f dev acc %.4f" % (ep + 1, np.mean(losses), accuracy(dev_x, dev_y)))
print("train acc %.4f" % accuracy(train_x, train_y))
