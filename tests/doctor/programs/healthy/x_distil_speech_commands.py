# Knowledge distillation, Hinton et al. 2015, on keyword lattices.
# Teacher: BiGRU. Student: one conv layer with a handful of channels. T = 2, alpha = 0.7.
import copy, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(30); torch.manual_seed(30)
PHONES = 20
KEYWORDS = [[3, 7, 1, 9], [3, 7, 2], [12, 1, 9, 5], [18, 4, 4, 6], [2, 15, 8], [10, 7, 1, 2]]

def clip():
    k = random.randrange(len(KEYWORDS))
    seq = [random.randrange(PHONES) for _ in range(16)]
    word = [p if random.random() > .04 else random.randrange(PHONES) for p in KEYWORDS[k]]
    at = random.randint(0, 16 - len(word))
    seq[at:at + len(word)] = word
    return seq, k

def tensors(n):
    rows = [clip() for _ in range(n)]
    return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])

class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(PHONES, 32)
        self.c1, self.c2 = nn.Conv1d(32, 64, 3, padding=1), nn.Conv1d(64, 64, 3, padding=1)
        self.o = nn.Linear(64, len(KEYWORDS))
        self.drop = nn.Dropout(.2)
    def forward(self, x):
        h = torch.relu(self.c2(torch.relu(self.c1(self.e(x).transpose(1, 2)))))
        return self.o(self.drop(h.amax(2)))

class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(PHONES, 8)
        self.c = nn.Conv1d(8, 24, 4, padding=1)
        self.o = nn.Linear(24, len(KEYWORDS))
    def forward(self, x):
        return self.o(torch.relu(self.c(self.e(x).transpose(1, 2))).amax(2))

Xtr, ytr = tensors(2000)
Xte, yte = tensors(500)

@torch.no_grad()
def acc(m, X, y):
    was = m.training
    m.eval()
    a = (m(X).argmax(-1) == y).float().mean().item()
    m.train(was)
    return a

teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=3e-3)
for ep in range(4):
    teacher.train()
    for b in torch.randperm(len(Xtr)).split(50):
        loss = F.cross_entropy(teacher(Xtr[b]), ytr[b], label_smoothing=0.05)
        opt.zero_grad(); loss.backward(); opt.step()
    print(f"teacher epoch {ep} loss {loss.item():.3f} test {acc(teacher, Xte, yte):.3f}")

teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)

student, T, alpha = Student(), 2.0, 0.7
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
for ep in range(6):
    run = 0.
    for b in torch.randperm(len(Xtr)).split(50):
        with torch.no_grad():
            soft = F.softmax(teacher(Xtr[b]) / T, dim=-1)
        out = student(Xtr[b])
        kd = F.kl_div(F.log_softmax(out / T, dim=-1), soft, reduction="batchmean") * T * T
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(out, ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item()
    print(f"student epoch {ep} loss {run / 40:.3f} train {acc(student, Xtr, ytr):.3f} test {acc(student, Xte, yte):.3f}")
