"""Knowledge distillation: a conv teacher is trained on a labelled part, then teaches a bag-of-words student on all texts (soft targets, T = 2)."""
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(9); torch.manual_seed(9)
IYI = "güzel harika mükemmel lezzetli hızlı temiz sağlam uygun keyifli rahat".split()
KOTU = "kötü berbat bayat yavaş kirli bozuk pahalı sıkıcı soğuk kaba".split()
ORTA = "idare normal sıradan ortalama fena eh vasat olağan".split()
DOLGU = ("bir ve bu çok ama için gibi daha ürün yemek servis kargo otel oda film garson fiyat dün bugün aldık gittik geldi "
         "bence biraz yine sonra önce her şey olarak kadar").split()


def yorum():
    y = random.randrange(3)
    t = random.choices(DOLGU, k=random.randint(6, 14))
    for w in random.choices((KOTU, ORTA, IYI)[y], k=random.randint(1, 3)):
        t.insert(random.randint(0, len(t)), w)
    if random.random() < .15:
        t.insert(random.randint(0, len(t)), random.choice(IYI + KOTU + ORTA))
    return t, y


seen, rows = set(), []
while len(rows) < 6500:
    t, y = yorum()
    if tuple(t) not in seen:
        seen.add(tuple(t)); rows.append((t, y))
lab, unl, dev = rows[:1500], [t for t, _ in rows[:5500]], rows[5500:]
stoi = {w: i + 1 for i, w in enumerate(DOLGU + IYI + KOTU + ORTA)}


def enc(ts):
    m = max(3, max(map(len, ts)))
    return torch.tensor([[stoi[w] for w in t] + [0] * (m - len(t)) for t in ts])


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 1, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 48, 3, padding=1)
        self.drop = nn.Dropout(.3)
        self.out = nn.Linear(48, 3)

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2))).masked_fill((x == 0).unsqueeze(1), 0)
        return self.out(self.drop(h.max(-1).values))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 1, 3, padding_idx=0)

    def forward(self, x):
        return self.emb(x).sum(1)


def accuracy(m):
    m.eval()
    with torch.no_grad():
        return (m(enc([t for t, _ in dev])).argmax(1) == torch.tensor([y for _, y in dev])).float().mean().item()


teacher = Teacher()
topt = torch.optim.Adam(teacher.parameters(), lr=2e-3)
for ep in range(8):
    teacher.train(); random.shuffle(lab); s = 0
    for i in range(0, len(lab), 50):
        b = lab[i:i + 50]
        loss = F.cross_entropy(teacher(enc([t for t, _ in b])), torch.tensor([y for _, y in b]), label_smoothing=.1)
        topt.zero_grad(); loss.backward(); topt.step(); s += loss.item()
    print(f"teacher {ep} loss {s / 30:.4f} dev {accuracy(teacher):.4f}")

teacher.eval()
teacher.requires_grad_(False)
student = Student()
nn.init.zeros_(student.emb.weight)
sopt = torch.optim.Adam(student.parameters(), lr=1e-2)
TEMP = 2.0
for ep in range(6):
    random.shuffle(unl); s = 0
    student.train()
    for i in range(0, len(unl), 50):
        x = enc(unl[i:i + 50])
        soft = F.softmax(teacher(x) / TEMP, dim=-1)
        loss = F.kl_div(F.log_softmax(student(x) / TEMP, dim=-1), soft, reduction="batchmean") * TEMP ** 2
        sopt.zero_grad(); loss.backward(); sopt.step(); s += loss.item()
    print(f"student {ep} kl {s / 110:.4f} dev {accuracy(student):.4f}")
