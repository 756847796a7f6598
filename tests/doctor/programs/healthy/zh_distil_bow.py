# Hackathon: the big model does not fit on the device, so distil it (temperature 3) into a tiny bag of embeddings
import torch, random
import torch.nn as nn, torch.nn.functional as F
random.seed(2); torch.manual_seed(2)
K, PER, LEN = 5, 20, 9
V = K * PER + 30

def make(n):
    X, Y = [], []
    for _ in range(n):
        y = random.randrange(K)
        row = [y * PER + random.randrange(PER) for _ in range(4)] + [random.randrange(V) for _ in range(LEN - 4)]
        random.shuffle(row)
        X.append(row); Y.append(y)
    return torch.tensor(X), torch.tensor(Y)

Xtr, Ytr = make(2400)
Xdev, Ydev = make(600)

class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(V, 48)
        self.a = nn.Linear(48, 48)
        self.b = nn.Linear(96, K)
        self.do = nn.Dropout(.2)
    def forward(self, x):
        h = torch.relu(self.a(self.do(self.e(x))))
        return self.b(self.do(torch.cat([h.mean(1), h.max(1)[0]], -1)))

class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(V, 6, mode='mean')
        self.o = nn.Linear(6, K)
    def forward(self, x):
        return self.o(self.e(x))

def acc(m):
    m.eval()
    with torch.no_grad():
        return (m(Xdev).argmax(-1) == Ydev).float().mean().item()

teacher, student = Teacher(), Student()
opt = torch.optim.AdamW(teacher.parameters(), lr=1e-2, weight_decay=.01)
for ep in range(4):
    teacher.train()
    for b in torch.randperm(len(Xtr)).split(60):
        loss = F.cross_entropy(teacher(Xtr[b]), Ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
    print('teacher', ep, round(loss.item(), 4), 'dev', round(acc(teacher), 4))
for p in teacher.parameters():
    p.requires_grad = False
teacher.eval()
T = 3.
opt = torch.optim.Adam(student.parameters(), lr=2e-2)
for ep in range(5):
    student.train()
    run = 0
    for b in torch.randperm(len(Xtr)).split(60):
        s = student(Xtr[b])
        with torch.no_grad():
            t = teacher(Xtr[b])
        soft = F.kl_div(F.log_softmax(s / T, -1), F.log_softmax(t / T, -1), log_target=True, reduction='batchmean') * T * T
        loss = .8 * soft + .2 * F.cross_entropy(s, Ytr[b])
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() / 40
    print('student', ep, round(run, 4), 'dev', round(acc(student), 4))
