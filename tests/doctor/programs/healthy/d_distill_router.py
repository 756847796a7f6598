"""Distillation: a GRU teacher, an averaging student with 8 dimensions that gets the teacher's soft answers too."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
TOPICS = {
    0: "goal match striker league coach penalty referee keeper".split(),
    1: "market shares profit bank merger rates investor bonds".split(),
    2: "vote senate minister law election party campaign treaty".split(),
    3: "virus vaccine patient doctor surgery clinic dose trial".split(),
}
COMMON = "the of a and in to on for with at by from new says after over".split()
WORDS = sorted({w for ws in TOPICS.values() for w in ws} | set(COMMON))
ID = {w: i for i, w in enumerate(WORDS)}


def headline():
    y = random.randrange(4)
    ws = [random.choice(TOPICS[y]) if random.random() < .35 else
          random.choice(TOPICS[random.randrange(4)]) if random.random() < .15 else random.choice(COMMON) for _ in range(10)]
    return [ID[w] for w in ws], y


rows = [headline() for _ in range(2400)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([y for _, y in rows])     # all are ten words long
Xtr, Ytr, Xva, Yva = X[:2000], Y[:2000], X[2000:], Y[2000:]


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(WORDS), 24)
        self.g = nn.GRU(24, 24, batch_first=True)
        self.o = nn.Linear(24, 4)

    def forward(self, x):
        return self.o(F.dropout(self.g(self.e(x))[0].mean(1), 0.2, self.training))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(len(WORDS), 8, mode="mean")
        self.o = nn.Linear(8, 4)

    def forward(self, x):
        return self.o(self.e(x))


def fit(model, loss_of, epochs, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for ep in range(epochs):
        model.train()
        tot = 0.
        for idx in torch.randperm(len(Xtr)).split(40):
            loss = loss_of(model, Xtr[idx], Ytr[idx])
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            acc = [(model(a).argmax(1) == b).float().mean().item() for a, b in ((Xtr, Ytr), (Xva, Yva))]
        print(f"{type(model).__name__} epoch {ep}: loss {tot / len(Xtr):.4f} train {acc[0]:.3f} valid {acc[1]:.3f}")


teacher = Teacher()
fit(teacher, lambda m, x, y: F.cross_entropy(m(x), y), 4, 1.5e-2)
teacher.eval().requires_grad_(False)
T = 2.0


def distil(m, x, y):
    out = m(x)
    soft = F.kl_div(F.log_softmax(out / T, 1), F.log_softmax(teacher(x) / T, 1), reduction="batchmean", log_target=True)
    return 0.7 * T * T * soft + 0.3 * F.cross_entropy(out, y)


student = Student()
fit(student, distil, 6, 4e-2)
with torch.no_grad():
    same = (student(Xva).argmax(1) == teacher(Xva).argmax(1)).float().mean().item()
print(f"student agrees with teacher on {same:.3f} of the validation headlines")
