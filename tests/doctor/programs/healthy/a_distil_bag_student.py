"""Distil a wide bag model into a 6-dimensional one, keeping an EMA copy of the student for evaluation."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(15)
torch.manual_seed(15)
INTENTS, WORDS = 5, 90
OWN = [list(range(10 * k, 10 * k + 10)) for k in range(INTENTS)]


def utterance():
    k = random.randrange(INTENTS)
    return [random.choice(OWN[k]) if random.random() < 0.45 else random.randrange(WORDS) for _ in range(10)], k


def split(n):
    xs, ys = zip(*[utterance() for _ in range(n)])
    return torch.tensor(xs), torch.tensor(ys)


def make(width):
    return nn.Sequential(nn.EmbeddingBag(WORDS, width, mode="mean"), nn.ReLU(), nn.Linear(width, INTENTS))


def fit(model, loss_of, epochs, lr, after=lambda: None):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for e in range(epochs):
        model.train()
        tot = 0.0
        for idx in torch.randperm(len(x)).split(64):
            loss = loss_of(idx)
            opt.zero_grad()
            loss.backward()
            opt.step()
            after()
            tot += loss.item() * len(idx)
        print(f"   epoch {e + 1} loss {tot / len(x):.4f}")


@torch.no_grad()
def acc(m, a, b):
    m.eval()
    return (m(a).argmax(1) == b).float().mean().item()


x, y = split(4000)
xd, yd = split(1000)
teacher = make(96)
print("teacher")
fit(teacher, lambda i: F.cross_entropy(teacher(x[i]), y[i], label_smoothing=0.05), 4, 1e-2)
print(f"teacher: train {acc(teacher, x, y):.3f} dev {acc(teacher, xd, yd):.3f}")

teacher.eval().requires_grad_(False)
student = make(6)
ema = copy.deepcopy(student).requires_grad_(False)
T = 2.0


def distil(i):
    s = student(x[i])
    soft = F.kl_div(F.log_softmax(s / T, 1), F.log_softmax(teacher(x[i]) / T, 1), reduction="batchmean", log_target=True)
    return 0.7 * T * T * soft + 0.3 * F.cross_entropy(s, y[i])


def update():
    with torch.no_grad():
        for p, q in zip(ema.parameters(), student.parameters()):
            p.lerp_(q, 0.05)


print("student")
fit(student, distil, 7, 2e-2, update)
print(f"student: dev {acc(student, xd, yd):.3f}   ema: train {acc(ema, x, y):.3f} dev {acc(ema, xd, yd):.3f}")
