# Three-fold teachers on hashed k-mers, then one small student distilled from their out-of-fold soft labels.
import zlib
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

g = np.random.RandomState(27)
torch.manual_seed(27)
BUCKETS, CLASSES = 512, 4
SIG = [["ACGTAC", "GGATCC", "TTAGGC"], ["CCGCGG", "ATATGC", "GACTGA"], ["TGCATG", "CAATTG", "AGGCCT"], ["GTTAAC", "CTCGAG", "TCATGA"]]


def read(c):
    s = list(g.choice(list("ACGT"), 70))
    for _ in range(6):
        m = SIG[c if g.rand() < .85 else g.randint(CLASSES)][g.randint(3)]
        at = g.randint(0, 64)
        s[at:at + 6] = m
    return "".join(s)


y = g.randint(0, CLASSES, 2000)
bags = torch.tensor([[zlib.crc32(s[i:i + 6].encode()) % BUCKETS for i in range(65)] for s in map(read, y)])
y = torch.tensor(y)
test = torch.arange(1600, 2000)
folds = torch.randperm(1600).chunk(3)


def make(dim):
    return nn.Sequential(nn.EmbeddingBag(BUCKETS, dim, mode="sum"), nn.Dropout(0.3), nn.LayerNorm(dim), nn.Linear(dim, CLASSES))


def fit(net, rows, target, epochs, T=1.0, tag=""):
    opt = torch.optim.Adam(net.parameters(), lr=1.5e-2, weight_decay=1e-4)
    for ep in range(epochs):
        net.train()
        acc_loss = 0
        for b in torch.randperm(len(rows)).split(40):
            out = net(bags[rows[b]])
            loss = F.kl_div(F.log_softmax(out / T, -1), target[rows[b]], reduction="batchmean") * T * T
            opt.zero_grad(); loss.backward(); opt.step()
            acc_loss += loss.item() * len(b) / len(rows)
        print(f"{tag} ep {ep} kl {acc_loss:.3f} acc {acc(net, rows):.3f}")


@torch.no_grad()
def acc(net, rows):
    net.eval()
    return (net(bags[rows]).argmax(-1) == y[rows]).float().mean().item()


smooth = F.one_hot(y, CLASSES).float() * 0.9 + 0.1 / CLASSES
soft = torch.zeros(2000, CLASSES)
T = 2.0
teachers = []
for k in range(3):
    rest = torch.cat([f for j, f in enumerate(folds) if j != k])
    t = make(16)
    fit(t, rest, smooth, 4, tag=f"fold {k}")
    print(f"fold {k} held-out {acc(t, folds[k]):.3f}")
    with torch.no_grad():
        soft[folds[k]] = (t(bags[folds[k]]) / T).softmax(-1)
    teachers.append(t)
with torch.no_grad():
    votes = sum(t(bags[test]).softmax(-1) for t in teachers)
print(f"ensemble test acc {(votes.argmax(-1) == y[test]).float().mean():.3f}")
student = make(6)
every = torch.arange(1600)
# half of the target from the teachers (never from one that saw the row), half from the labels
fit(student, every, 0.5 * soft + 0.5 * smooth, 6, T=1.0, tag="student")
print(f"student train acc {acc(student, every):.3f} test acc {acc(student, test):.3f}")
