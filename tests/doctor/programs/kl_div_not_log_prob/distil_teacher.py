"""Distil a trained teacher into a small student."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(106)
torch.manual_seed(106)
KINDS = {
    "weather": "rain cloud wind forecast storm celsius".split(),
    "stocks": "shares index fell rose trader nasdaq".split(),
    "games": "level boss console quest player score".split(),
    "garden": "soil seeds compost roses prune lawn".split(),
}
STOP = "the a and to for in is of it with on at".split()
vocab = {w: i + 1 for i, w in enumerate(STOP + [w for k in KINDS.values() for w in k])}


def doc():
    y = random.randrange(4)
    t = random.choices(STOP, k=random.randint(4, 8)) + random.choices(list(KINDS.values())[y], k=2) + [random.choice(list(vocab))]
    random.shuffle(t)
    return torch.tensor([vocab[w] for w in t]), y


def tensors(n):
    rows = [doc() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab) + 1, d, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 4))

    def forward(self, x):
        return self.body(self.emb(x))


x, y = tensors(1500)
xd, yd = tensors(400)
teacher = Net(48, 64)
opt = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for _ in range(4):
    for i in torch.randperm(1500).split(50):
        opt.zero_grad()
        F.cross_entropy(teacher(x[i]), y[i]).backward()
        opt.step()
teacher.eval()
with torch.no_grad():
    print("teacher accuracy", (teacher(xd).argmax(1) == yd).float().mean().item())

student = Net(4, 8)
optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
T = 2.0
kl = nn.KLDivLoss(reduction="batchmean")
for epoch in range(8):
    running = 0.0
    for i in torch.randperm(1500).split(50):
        with torch.no_grad():
            soft = F.softmax(teacher(x[i]) / T, dim=1)
        # fault:
        loss = kl(F.softmax(student(x[i]) / T, dim=1), soft) * T * T
        # mended:
        # loss = kl(F.log_softmax(student(x[i]) / T, dim=1), soft) * T * T
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch} distillation loss {running / 30:.4f}")
with torch.no_grad():
    agree = F.kl_div(F.log_softmax(student(xd), 1), F.softmax(teacher(xd), 1), reduction="batchmean").item()
    print("student divergence", round(agree, 4), "accuracy", (student(xd).argmax(1) == yd).float().mean().item())
