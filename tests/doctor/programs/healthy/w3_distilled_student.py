"""A teacher (word + bigram bag) is trained on 900 labelled log lines, then teaches a tiny student on 4000 unlabelled ones:
KL between softened distributions, the teacher frozen and in eval mode, never a label for the student."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(121)
torch.manual_seed(121)
KINDS = ["auth", "disk", "net", "db"]
LEX = [["login", "token", "password", "denied", "user", "session", "expired"], ["inode", "volume", "mount", "quota", "sector", "fsync", "expired"],
       ["packet", "route", "timeout", "dns", "denied", "socket", "session"], ["deadlock", "query", "timeout", "index", "table", "commit", "quota"]]
NOISE = "info warn error at on service node the retry 1 2 3 ms after failed ok".split()
vocab = {w: i for i, w in enumerate(sorted(set(NOISE) | {w for l in LEX for w in l}))}
B = 512


def line():
    k = random.randrange(4)
    ws = random.choices(LEX[k], k=random.randint(2, 3)) + random.choices(NOISE, k=random.randint(3, 6))
    random.shuffle(ws)
    return ws, k


def bag(rows):
    ids, bi, off = [], [], []
    for ws, _ in rows:
        off.append(len(ids))
        v = [vocab[w] for w in ws]
        ids += v
        bi += [(a * 31 + b) % B for a, b in zip(v, v[1:] + v[:1])]
    return torch.tensor(ids), torch.tensor(bi), torch.tensor(off)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.uni, self.bi = nn.EmbeddingBag(len(vocab), 32), nn.EmbeddingBag(B, 32)
        self.net = nn.Sequential(nn.Dropout(0.4), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 4))

    def forward(self, ids, bi, off):
        return self.net(torch.cat([self.uni(ids, off), self.bi(bi, off)], 1))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.uni = nn.EmbeddingBag(len(vocab), 4, mode="sum")
        self.out = nn.Linear(4, 4)

    def forward(self, ids, bi, off):
        return self.out(self.uni(ids, off))


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        return (model(*bag(rows)).argmax(1) == torch.tensor([k for _, k in rows])).float().mean().item()


labelled, unlabelled, dev = [line() for _ in range(900)], [line() for _ in range(4000)], [line() for _ in range(600)]
teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=4e-3)
for epoch in range(12):
    teacher.train()
    random.shuffle(labelled)
    for i in range(0, len(labelled), 30):
        rows = labelled[i:i + 30]
        loss = F.cross_entropy(teacher(*bag(rows)), torch.tensor([k for _, k in rows]))
        opt.zero_grad()
        loss.backward()
        opt.step()
print(f"teacher on dev {accuracy(teacher, dev):.3f}")
teacher.eval().requires_grad_(False)

student, T = Student(), 2.0
opt = torch.optim.SGD(student.parameters(), lr=0.15, momentum=0.9)
for epoch in range(6):
    student.train()
    random.shuffle(unlabelled)
    tot = 0.0
    for i in range(0, len(unlabelled), 40):
        inputs = bag(unlabelled[i:i + 40])
        with torch.no_grad():
            soft = F.log_softmax(teacher(*inputs) / T, 1)
        loss = F.kl_div(F.log_softmax(student(*inputs) / T, 1), soft, reduction="batchmean", log_target=True) * T * T
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f"epoch {epoch + 1} KL {tot / 100:.4f} student on dev {accuracy(student, dev):.3f}")
