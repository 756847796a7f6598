"""Mean teacher (Tarvainen & Valpola 2017) for topic classification with few labels.

The teacher gets no gradient at all: its weights are a running mean of the student's weights.
"""
import copy
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(9)
torch.manual_seed(9)
N_TOPICS, V, L = 4, 120, 24
N_LAB, N_UNLAB, N_TEST = 900, 3000, 800

word_p = rng.dirichlet(np.full(V, 0.3), N_TOPICS)
word_p = 0.45 * word_p + 0.55 / V


def sample(n):
    y = rng.randint(N_TOPICS, size=n)
    x = np.stack([rng.choice(V, size=L, p=word_p[k]) for k in y])
    return torch.from_numpy(x), torch.from_numpy(y)


x_lab, y_lab = sample(N_LAB)
x_un, _ = sample(N_UNLAB)
x_test, y_test = sample(N_TEST)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.out = nn.Linear(16, N_TOPICS)

    def forward(self, x, drop_words=0.0):
        keep = (torch.rand(x.shape) >= drop_words).float().unsqueeze(-1)
        h = (self.emb(x) * keep).sum(1) / keep.sum(1).clamp(min=1)
        return self.out(h)


def acc(net, x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


student = Net()
nn.init.normal_(student.emb.weight, std=0.3)
teacher = copy.deepcopy(student)
for p in teacher.parameters():
    p.requires_grad = False
opt = torch.optim.AdamW(student.parameters(), lr=1e-2, weight_decay=0.05)

EPOCHS = 8
anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS, eta_min=1e-4)
for epoch in range(EPOCHS):
    w = 4.0 * min(1.0, epoch / 4)        # ramp-up of the consistency cost
    sup = con = 0.0
    order_un = torch.randperm(N_UNLAB).split(60)
    for bu in order_un:
        bl = torch.randint(N_LAB, (30,))
        ce = F.cross_entropy(student(x_lab[bl], 0.3), y_lab[bl])
        both = torch.cat([x_un[bu], x_lab[bl]])
        target = F.softmax(teacher(both, 0.1), -1)
        mse = F.mse_loss(F.softmax(student(both, 0.3), -1), target)
        opt.zero_grad()
        (ce + w * mse).backward()
        opt.step()
        with torch.no_grad():
            for t, s in zip(teacher.parameters(), student.parameters()):
                t.mul_(0.97).add_(s, alpha=0.03)
        sup += ce.item() / len(order_un)
        con += mse.item() / len(order_un)
    anneal.step()
    print(f"epoch {epoch} ce {sup:.4f} consistency {con:.5f} | student {acc(student, x_test, y_test):.3f} "
          f"teacher {acc(teacher, x_test, y_test):.3f} (labelled {acc(teacher, x_lab, y_lab):.3f})")

logp = torch.from_numpy(np.log(word_p)).T
print("Bayes classifier: %.3f" % (logp[x_test].sum(1).argmax(1) == y_test).float().mean())
