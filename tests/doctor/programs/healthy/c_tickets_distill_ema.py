"""Teacher (wide MLP on bag of words) -> student (linear on hashed words). Student is averaged (EMA) for evaluation."""
import copy, random
import numpy as np
import torch
import torch.nn.functional as F
random.seed(17); np.random.seed(17); torch.manual_seed(17)
TOPIC = {"billing": "invoice refund charge card payment price subscription receipt".split(),
         "login": "password account email reset locked signin code verify".split(),
         "shipping": "package courier late address delivery tracking parcel box".split(),
         "crash": "error freeze screen update restart bug app phone".split()}
COMMON = "please help my i the a is not with again today cannot why and order since new".split()
ALL = sorted({w for v in TOPIC.values() for w in v} | set(COMMON)); IX = {w: i for i, w in enumerate(ALL)}

def ticket():
    y = random.randrange(4); own = list(TOPIC.values())[y]; others = [w for v in TOPIC.values() for w in v]
    n = random.randint(6, 14)
    ws = [random.choice(own if random.random() < .3 else others if random.random() < .25 else COMMON) for _ in range(n)]
    x = np.zeros(len(ALL), dtype=np.float32)
    for w in ws: x[IX[w]] += 1
    return x, y

X, Y = map(np.array, zip(*(ticket() for _ in range(5000))))
X, Y = torch.from_numpy(X).log1p(), torch.from_numpy(Y)
Xd, Yd, X, Y = X[:800], Y[:800], X[800:], Y[800:]
teacher = torch.nn.Sequential(torch.nn.Linear(len(ALL), 64), torch.nn.ReLU(), torch.nn.Dropout(0.5), torch.nn.Linear(64, 4))
opt = torch.optim.AdamW(teacher.parameters(), 3e-3, weight_decay=0.05)
for epoch in range(4):
    teacher.train()
    for b in torch.randperm(len(X)).split(64):
        loss = F.cross_entropy(teacher(X[b]), Y[b], label_smoothing=0.1)
        opt.zero_grad(); loss.backward(); opt.step()
teacher.eval().requires_grad_(False)
acc = lambda m, x, y: (m(x).argmax(1) == y).float().mean().item()
print(f"teacher train {acc(teacher, X, Y):.4f} dev {acc(teacher, Xd, Yd):.4f}")

student = torch.nn.Linear(len(ALL), 4)
ema = copy.deepcopy(student).requires_grad_(False)
opt = torch.optim.SGD(student.parameters(), lr=0.3, momentum=0.9)
T, alpha = 2.0, 0.7
for epoch in range(5):
    run = []
    for b in torch.randperm(len(X)).split(64):
        with torch.no_grad():
            soft = F.softmax(teacher(X[b]) / T, dim=1)
        z = student(X[b])
        kd = F.kl_div(F.log_softmax(z / T, dim=1), soft, reduction="batchmean") * T * T
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(z, Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        for e, p in zip(ema.parameters(), student.parameters()): e.lerp_(p.detach(), 0.02)
        run.append(loss.item())
    with torch.no_grad():
        print(f"epoch {epoch} loss {np.mean(run):.4f} student {acc(student, Xd, Yd):.4f} averaged {acc(ema, Xd, Yd):.4f} (train {acc(ema, X, Y):.4f})")
