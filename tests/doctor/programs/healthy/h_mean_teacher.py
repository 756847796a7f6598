"""60 labelled and 1500 unlabelled notes: a teacher that is the running mean of the student (no gradient, by design) steadies the student."""
import copy
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(208)
torch.manual_seed(208)
topics = [[f"t{k}_{i}" for i in range(25)] for k in range(3)]
noise = [f"n{i}" for i in range(80)]
ids = {w: i for i, w in enumerate(sum(topics, []) + noise)}


def note():
    k = random.randrange(3)
    return [ids[w] for w in random.choices(topics[k], k=4) + random.choices(noise, k=6)], k


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 32)
        self.drop = nn.Dropout(0.4)
        self.fc = nn.Linear(32, 3)

    def forward(self, x):
        return self.fc(self.drop(self.emb(x).mean(1)))


def tensors(n):
    rows = [note() for _ in range(n)]
    return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])


lx, ly = tensors(60)
ux, _ = tensors(1500)
dx, dy = tensors(500)
student = Net()
teacher = copy.deepcopy(student).requires_grad_(False)
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
for step in range(600):
    student.train()
    i, j = torch.randint(60, (20,)), torch.randint(1500, (60,))
    with torch.no_grad():
        aim = F.softmax(teacher(ux[j]), 1)
    supervised = F.cross_entropy(student(lx[i]), ly[i])
    ramp = min(1.0, step / 300)
    loss = supervised + 3 * ramp * F.mse_loss(F.softmax(student(ux[j]), 1), aim)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for t, s in zip(teacher.parameters(), student.parameters()):
            t.lerp_(s, 0.02)
    if step % 100 == 99:
        teacher.eval()
        print(f"step {step + 1} loss {loss.item():.4f} supervised {supervised.item():.4f} dev accuracy of the teacher {(teacher(dx).argmax(1) == dy).float().mean().item():.4f}")
        teacher.train()
