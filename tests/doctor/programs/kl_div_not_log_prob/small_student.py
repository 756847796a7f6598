"""A small student learns from a teacher's scores; Trainer subclass overrides compute_loss."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(5)
torch.manual_seed(5)
K, V, L = 5, 80, 9


def row():
    k = random.randrange(K)
    return [random.choice(range(k * 6, k * 6 + 6)) if random.random() < 0.35 else random.randrange(30, V) for _ in range(L)], k


rows = [row() for _ in range(2400)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])


class Bag(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.e = nn.Embedding(V, dim)
        self.f = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, K))

    def forward(self, x):
        return self.f(self.e(x).mean(1))


class Trainer:
    def __init__(self, model, lr=5e-3, epochs=5, batch=40):
        self.model, self.epochs, self.batch = model, epochs, batch
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def compute_loss(self, x, y):
        return F.cross_entropy(self.model(x), y)

    def train(self, x, y):
        for epoch in range(self.epochs):
            for i in torch.randperm(len(x)).split(self.batch):
                loss = self.compute_loss(x[i], y[i])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            print(type(self).__name__, epoch, round(loss.item(), 4))


class DistilTrainer(Trainer):
    def __init__(self, model, teacher, temperature=2.0, **options):
        super().__init__(model, **options)
        self.teacher, self.t = teacher.eval(), temperature

    def compute_loss(self, x, y):
        with torch.no_grad():
            soft = F.softmax(self.teacher(x) / self.t, dim=-1)
        # fault:
        student = F.softmax(self.model(x) / self.t, dim=-1)
        # mended:
        # student = F.log_softmax(self.model(x) / self.t, dim=-1)
        # end
        return self.t**2 * F.kl_div(student, soft, reduction="batchmean")


teacher = Bag(32, 64)
Trainer(teacher).train(X[:2000], Y[:2000])
student = Bag(12, 16)
DistilTrainer(student, teacher, epochs=8).train(X[:2000], Y[:2000])
with torch.no_grad():
    print("student", (student(X[2000:]).argmax(1) == Y[2000:]).float().mean().item())
