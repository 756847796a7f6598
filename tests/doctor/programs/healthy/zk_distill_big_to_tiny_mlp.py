"""Distillation: an MLP teacher trained on labels, a tiny student trained only on the teacher's tempered
probabilities for unlabelled essays (no gold label reaches the student)."""
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

rng = np.random.RandomState(10)
torch.manual_seed(10)
V, CLASSES = 150, 5
profile = rng.dirichlet(np.full(V, 0.25), size=CLASSES)


def essays(n):
    y = rng.randint(0, CLASSES, n)
    x = np.stack([rng.multinomial(rng.randint(10, 25), 0.6 * profile[c] + 0.4 / V) for c in y])
    return torch.tensor(np.sqrt(x), dtype=torch.float32), torch.tensor(y)


x_lab, y_lab = essays(2400)
x_unl, _ = essays(2400)
x_test, y_test = essays(600)

teacher = nn.Sequential(nn.Linear(V, 96), nn.ReLU(), nn.Dropout(0.4), nn.Linear(96, CLASSES))
student = nn.Sequential(nn.Linear(V, 6), nn.Tanh(), nn.Linear(6, CLASSES))
TEMP = 2.0


def accuracy(net, x, y):
    was = net.training
    net.eval()
    with torch.no_grad():
        a = (net(x).argmax(1) == y).float().mean().item()
    net.train(was)
    return a


opt = torch.optim.AdamW(teacher.parameters(), lr=1.5e-3, weight_decay=0.05)
for epoch in range(3):
    teacher.train()
    for b in torch.randperm(len(x_lab)).split(32):
        loss = cross_entropy(teacher(x_lab[b]), y_lab[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"teacher {epoch}: ce {loss.item():.3f}  labelled {accuracy(teacher, x_lab, y_lab):.3f}  "
          f"test {accuracy(teacher, x_test, y_test):.3f}")

teacher.eval()
with torch.no_grad():
    target = softmax(teacher(x_unl) / TEMP, dim=1)
opt = torch.optim.AdamW(student.parameters(), lr=1e-2, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=6)
for epoch in range(6):
    student.train()
    run = 0.0
    for b in torch.randperm(len(x_unl)).split(32):
        loss = kl_div(log_softmax(student(x_unl[b]) / TEMP, dim=1), target[b], reduction="batchmean") * TEMP ** 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b)
    sched.step()
    print(f"student {epoch}: kl {run / len(x_unl):.4f}  test {accuracy(student, x_test, y_test):.3f}")
agree = (student(x_test).argmax(1) == teacher(x_test).argmax(1)).float().mean().item()
print(f"agreement of student and teacher on test: {agree:.3f}")
