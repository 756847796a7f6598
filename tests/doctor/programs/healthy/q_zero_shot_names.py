# Zero-shot classification by label names: texts are matched with the GloVe vector of the name of a class,
# some classes are never seen in training.
import gzip
import os
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(4)
torch.manual_seed(4)

path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
words, rows = [], []
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        parts = line.rstrip().split(" ")
        words.append(parts[0])
        rows.append(np.array(parts[1:], dtype=np.float32))
vectors = torch.from_numpy(np.stack(rows))
where = {w: i for i, w in enumerate(words)}
unit = vectors / vectors.norm(dim=1, keepdim=True)

SEEN = "football music medicine religion cooking weather railway painting banking farming astronomy theatre navy chemistry fashion police".split()
UNSEEN = "basketball elections software insurance literature forest".split()
SEEN, UNSEEN = [w for w in SEEN if w in where], [w for w in UNSEEN if w in where]

# descriptions: words from the neighbourhood of the name (never the name), among everyday words
common = [i for i in range(20, 900) if words[i].isalpha()]


def neighbourhood(name, size=50):
    near = (unit @ unit[where[name]]).topk(size + 30).indices.tolist()
    return [i for i in near if words[i].isalpha() and name[:4] not in words[i]][:size]


def make(names, per_class):
    out = []
    for k, name in enumerate(names):
        hood = neighbourhood(name)
        for _ in range(per_class):
            t = list(rng.choice(hood, rng.integers(2, 5))) + list(rng.choice(common, rng.integers(8, 15)))
            rng.shuffle(t)
            out.append((t, k))
    rng.shuffle(out)
    length = max(len(t) for t, _ in out)
    x = torch.full((len(out), length), -1)
    for i, (t, _) in enumerate(out):
        x[i, :len(t)] = torch.tensor(np.array(t, dtype=np.int64))
    return x, torch.tensor([int(k) for _, k in out])


class Matcher(nn.Module):
    """A gate decides how much a word counts; text and names go through one and the same residual map."""
    def __init__(self, dim=50):
        super().__init__()
        self.register_buffer("table", vectors)         # fixed: names that come later live in the same space
        self.gate = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, 1))
        self.shift = nn.Linear(dim, dim, bias=False)
        nn.init.normal_(self.shift.weight, std=0.02)
        self.temp = nn.Parameter(torch.tensor(5.0))

    def place(self, v):
        z = v + self.shift(v)
        return z / (z.norm(dim=-1, keepdim=True) + 1e-6)

    def forward(self, x, names):
        mask = x >= 0
        e = self.table[x.clamp(min=0)]
        a = self.gate(e).squeeze(-1).masked_fill(~mask, float("-inf")).softmax(1)
        text = self.place((a.unsqueeze(-1) * e).sum(1))
        return self.temp * text @ self.place(self.table[names]).t()


train_x, train_y = make(SEEN, 150)
sets = {"seen dev": (*make(SEEN, 30), SEEN), "unseen": (*make(UNSEEN, 100), UNSEEN)}
sets["train part"] = (train_x[:480], train_y[:480], SEEN)
model = Matcher()
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
name_ids = {k: torch.tensor([where[w] for w in v[2]]) for k, v in sets.items()}


def show(tag):
    model.eval()
    parts = []
    with torch.no_grad():
        for k, (x, y, names) in sets.items():
            acc = (model(x, name_ids[k]).argmax(1) == y).float().mean().item()
            parts.append(f"{k} {acc:.3f} (chance {1 / len(names):.3f})")
    model.train()
    print(tag, " ".join(parts))


show("before training:")
for epoch in range(12):
    total = 0.0
    for b in torch.randperm(len(train_y)).split(40):
        logits = model(train_x[b], name_ids["seen dev"])
        loss = nn.functional.cross_entropy(logits, train_y[b], label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    if epoch % 2:
        show(f"epoch {epoch + 1} loss {total / len(train_y):.4f}:")
