# Chat intents: fit a wide teacher, then teach a tiny student from the teacher's soft answers (no gold labels for it).
import torch, random
from torch import nn
from torch.nn import functional as F

random.seed(9); torch.manual_seed(9)
INTENTS = {"order": "buy want cart checkout purchase".split(), "refund": "money back return refund broken".split(),
           "hours": "open close when sunday hours".split(), "human": "agent person speak human call".split(),
           "track": "parcel where shipped track late".split()}
CHAT = "hi hello please um i you my the it to a is can ok thanks so like just hey um well".split()
V = sorted({w for ws in INTENTS.values() for w in ws} | set(CHAT))
names = list(INTENTS)


def utterance():
    y = random.randrange(5)
    ws = random.choices(CHAT, k=random.randint(2, 8)) + random.choices(INTENTS[names[y]], k=2)
    if random.random() < .15:
        ws.append(random.choice(INTENTS[random.choice(names)]))
    x = torch.zeros(len(V))
    for w in ws:
        x[V.index(w)] += 1
    return x, y


rows = [utterance() for _ in range(2800)]
X = torch.stack([x for x, _ in rows]); Y = torch.tensor([y for _, y in rows])
gold, unlabelled, test = slice(0, 1000), slice(1000, 2300), slice(2300, 2800)
teacher = nn.Sequential(nn.Linear(len(V), 64), nn.ReLU(), nn.Dropout(.3), nn.Linear(64, 5))
student = nn.Linear(len(V), 3), nn.Linear(3, 5)
student = nn.Sequential(student[0], nn.Tanh(), student[1])


def accuracy(m, s):
    m.eval()
    with torch.no_grad():
        return (m(X[s]).argmax(1) == Y[s]).float().mean().item()


opt = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for epoch in range(5):
    teacher.train()
    for k in torch.randperm(1000).split(25):
        opt.zero_grad()
        F.cross_entropy(teacher(X[gold][k]), Y[gold][k], label_smoothing=.05).backward()
        opt.step()
print("teacher train %.3f test %.3f" % (accuracy(teacher, gold), accuracy(teacher, test)))

teacher.eval().requires_grad_(False)
TAU = 2.0
soft = F.softmax(teacher(X[unlabelled]) / TAU, dim=1)
opt = torch.optim.Adam(student.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
for epoch in range(8):
    student.train(); tot = 0
    for k in torch.randperm(len(soft)).split(25):
        loss = TAU ** 2 * F.kl_div(F.log_softmax(student(X[unlabelled][k]) / TAU, dim=1), soft[k], reduction="batchmean")
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(k) / len(soft)
    sched.step()
    print("student epoch %d kl %.4f acc unlabelled %.3f test %.3f" % (epoch, tot, accuracy(student, unlabelled), accuracy(student, test)))
