# Knowledge distillation: a teacher over frozen GloVe, then a tiny student (its own small table)
# that sees the teacher's soft answers on more sentences than have labels.
import gzip
import os
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)
g = torch.Generator().manual_seed(0)


def read(name, limit=None):
    rows = []
    with open(f"{root}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as fh:
        for line in fh:
            y, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.lower().split(), int(y)))
    return rows


train, dev, test = read("train"), read("dev"), read("test")
vec = {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.rstrip().split(" ")
        vec[w] = np.asarray(v, dtype=np.float32)

counts = Counter(w for words, _ in train for w in words)
vocab = ["<pad>"] + sorted(w for w in counts if w in vec)
stoi = {w: i for i, w in enumerate(vocab)}
table = torch.zeros(len(vocab), 50)
for w, i in stoi.items():
    if i:
        table[i] = torch.from_numpy(vec[w])
print(f"{len(vocab) - 1} words with vectors")


def encode(rows):
    ids = [[stoi[w] for w in words if w in stoi] or [stoi["."]] for words, _ in rows]
    width = max(map(len, ids))
    return torch.tensor([r + [0] * (width - len(r)) for r in ids]), torch.tensor([y for _, y in rows])


sets = {"dev": encode(dev), "test": encode(test)}
xtr, ytr = encode(train)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, 96)
        self.att = nn.Linear(96, 1)
        self.out = nn.Linear(96, 2)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        h = torch.relu(self.proj(self.emb(x)))
        a = self.att(h).squeeze(-1).masked_fill(x == 0, -1e9).softmax(1)
        return self.out(self.drop((a.unsqueeze(-1) * h).sum(1)))


class Student(nn.Module):
    """one number per word and class"""
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab), 2, mode="mean", padding_idx=0)
        nn.init.zeros_(self.emb.weight)
        self.scale = nn.Parameter(torch.tensor(1.5))
        self.bias = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return self.scale * self.emb(x) + self.bias


@torch.no_grad()
def accuracy(m, x, y):
    m.eval()
    acc = (m(x).argmax(1) == y).float().mean().item()
    m.train()
    return acc


def fit(m, opt, epochs, loss_of, size=64, title=""):
    for ep in range(epochs):
        tot = 0.0
        for b in torch.randperm(len(xtr), generator=g).split(size):
            opt.zero_grad()
            loss = loss_of(b)
            loss.backward()
            opt.step()
            tot += loss.item() * len(b)
        print(title, ep + 1, f"loss {tot / len(xtr):.4f}", f"dev {accuracy(m, *sets['dev']):.3f}")


teacher = Teacher()
fit(teacher, torch.optim.Adam([p for p in teacher.parameters() if p.requires_grad], lr=1.5e-3), 7,
    lambda b: F.cross_entropy(teacher(xtr[b]), ytr[b]), title="teacher")
teacher.eval()
with torch.no_grad():
    soft = torch.cat([teacher(c) for c in xtr.split(512)])

T = 2.0
student = Student()
fit(student, torch.optim.Adam(student.parameters(), lr=2e-2), 6,
    lambda b: T * T * F.kl_div(F.log_softmax(student(xtr[b]) / T, 1), F.softmax(soft[b] / T, 1), reduction="batchmean"),
    title="student")
for name, (x, y) in sets.items():
    print(name, f"teacher {accuracy(teacher, x, y):.3f} student {accuracy(student, x, y):.3f} majority {max(y.float().mean().item(), 1 - y.float().mean().item()):.3f}")
