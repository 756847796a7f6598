# Which corpus is a line from? Big hashed teacher (label smoothing) -> small student (soft targets), EMA copy is what we ship.
import copy, gzip, itertools, os, random, zlib
import torch
from torch import nn
import torch.nn.functional as F

random.seed(2); torch.manual_seed(2)
base = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
FILES = ["brown.txt.gz", "reuters-21578-bodies.txt.gz", "imdb-unsup-25k.txt.gz"]
LEN = 24


def clean(line):
    return ["".join(c for c in w if c.isalpha()) for w in line.lower().replace("<br", " ").split()]


rows = []
for y, name in enumerate(FILES):
    with gzip.open(os.path.join(base, name), "rt", encoding="utf-8", errors="replace") as f:
        texts = dict.fromkeys(" ".join([w for w in clean(l) if w][:LEN]) for l in itertools.islice(f, 0, 18000 if y == 0 else 9000, 3 if y == 0 else 2))
    texts = [t.split() for t in texts if len(t.split()) >= 12]
    random.shuffle(texts)
    rows += [(t, y) for t in texts[:2700]]
random.shuffle(rows)
cut = len(rows) * 5 // 6


def encode(rows, size):
    x = torch.zeros(len(rows), LEN, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([1 + zlib.adler32(w.encode()) % (size - 1) for w in t])
    return x


class BagNet(nn.Module):
    def __init__(self, size, d, hidden=None):
        super().__init__()
        self.emb = nn.Embedding(size, d, padding_idx=0)
        with torch.no_grad():
            self.emb.weight.mul_(.2)
        self.top = nn.Linear(d, 3) if hidden is None else nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Dropout(.3), nn.Linear(hidden, 3))

    def forward(self, x):
        if self.training:
            x = x * (torch.rand(x.shape) > .4)    # word dropout
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        return self.top(self.emb(x).sum(1) / n.sqrt())


y = torch.tensor([k for _, k in rows])
big, small = encode(rows, 8000), encode(rows, 2000)
ytr, yte = y[:cut], y[cut:]


@torch.no_grad()
def accuracy(net, x, y):
    was = net.training
    net.eval()
    a = (net(x).argmax(1) == y).float().mean().item()
    net.train(was)
    return a


teacher = BagNet(8000, 24, 32)
opt = torch.optim.Adam(teacher.parameters(), lr=2e-3)
for ep in range(2):
    opt.param_groups[0]["lr"] = (3e-3, 1e-3)[ep]
    for i in torch.randperm(cut).split(64):
        loss = F.cross_entropy(teacher(big[i]), ytr[i], label_smoothing=.1)
        opt.zero_grad(); loss.backward(); opt.step()
    print(f"teacher {ep} loss {loss.item():.3f} train {accuracy(teacher, big[:cut], ytr):.3f} test {accuracy(teacher, big[cut:], yte):.3f}")

teacher.eval().requires_grad_(False)
TEMP = 2.
soft = F.softmax(teacher(big[:cut]) / TEMP, 1)
student = BagNet(2000, 8)
shipped = copy.deepcopy(student).requires_grad_(False).eval()
opt = torch.optim.Adam(student.parameters(), lr=8e-3)
for ep in range(4):
    opt.param_groups[0]["lr"] = (8e-3, 5e-3, 2e-3, 5e-4)[ep]
    for i in torch.randperm(cut).split(64):
        z = student(small[i])
        loss = TEMP ** 2 * F.kl_div(F.log_softmax(z / TEMP, 1), soft[i], reduction="batchmean") + .3 * F.cross_entropy(z, ytr[i])
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for p, q in zip(shipped.parameters(), student.parameters()):
                p.lerp_(q, .02)
    print(f"student {ep} loss {loss.item():.3f} train {accuracy(shipped, small[:cut], ytr):.3f} test {accuracy(shipped, small[cut:], yte):.3f}")
