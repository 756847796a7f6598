# Compressing a lab-notebook classifier: GRU teacher -> tiny bag student, soft targets (T=2) on unlabelled text
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(17); torch.manual_seed(17)
TERMS = 4, 15
N_COMMON = 40
LEN = 12
V = TERMS[0] * TERMS[1] + N_COMMON


def notebook(n):
    y = np.random.randint(0, 4, n)
    X = np.random.randint(60, V, (n, LEN))
    for i in range(n):
        k = np.random.randint(2, 5)
        at = np.random.choice(LEN, k + 1, replace=False)
        X[i, at[:k]] = np.random.randint(0, 15, k) + 15 * y[i]
        X[i, at[k]] = np.random.randint(0, 60)                # one term of any field
    return torch.from_numpy(X), torch.from_numpy(y)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 32)
        self.gru = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(64, 4)

    def forward(self, x):
        h, _ = self.gru(self.drop(self.emb(x)))
        return self.fc(self.drop(h.max(1).values))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        return self.fc(self.emb(x).mean(1))


def acc(m, X, y):
    m.eval()
    with torch.no_grad():
        return (m(X).argmax(1) == y).float().mean().item()


Xl, yl = notebook(1500)             # labelled
Xu, yu = notebook(2000)             # labels kept only to report, the student never sees them
Xd, yd = notebook(500)

teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for ep in range(5):
    teacher.train()
    tot = 0
    for b in torch.randperm(len(Xl)).split(50):
        loss = F.cross_entropy(teacher(Xl[b]), yl[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    print(f"teacher {ep} ce {tot / len(Xl):.4f} train {acc(teacher, Xl, yl):.3f} dev {acc(teacher, Xd, yd):.3f}")

teacher.eval()
teacher.requires_grad_(False)
T = 2.0
soft = F.softmax(teacher(Xu) / T, -1)
student = Student()
opt = torch.optim.Adam(student.parameters(), lr=0.03)
for ep in range(5):
    student.train()
    tot = 0
    for b in torch.randperm(len(Xu)).split(50):
        kl = F.kl_div(F.log_softmax(student(Xu[b]) / T, -1), soft[b], reduction="batchmean") * T * T
        opt.zero_grad(); kl.backward(); opt.step()
        tot += kl.item() * len(b)
    print(f"student {ep} kl {tot / len(Xu):.4f} unlabelled {acc(student, Xu, yu):.3f} dev {acc(student, Xd, yd):.3f}")
print("parameters", sum(p.numel() for p in teacher.parameters()), "->", sum(p.numel() for p in student.parameters()))
