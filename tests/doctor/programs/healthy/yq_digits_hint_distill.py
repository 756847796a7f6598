# A small student copies a wide teacher on 8x8 digits; hidden layers are read through forward hooks (FitNets style).
import torch
import torch.nn.functional as F
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(4)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = (torch.tensor(v) for v in train_test_split(X / 16.0, y, test_size=0.25, stratify=y, random_state=4))
Xa, Xb = Xa.float(), Xb.float()


class Tap:
    """keeps the last output of a module"""
    def __init__(self, module):
        self.value = None
        self.handle = module.register_forward_hook(self)

    def __call__(self, module, args, out):
        self.value = out


def mlp(*sizes, p=0.0):
    layers = []
    for a, b in zip(sizes, sizes[1:-1]):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(p)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def accuracy(net, x, t):
    was = net.training
    net.eval()
    with torch.no_grad():
        r = (net(x).argmax(-1) == t).float().mean().item()
    net.train(was)
    return r


def epochs(n, bs=64):
    for e in range(n):
        for idx in torch.randperm(len(Xa)).split(bs):
            yield e, Xa[idx], ya[idx]


teacher = mlp(64, 160, 96, 10, p=0.1)
opt = torch.optim.Adam(teacher.parameters(), lr=3e-3)
N = 8
for e, x, t in epochs(N):
    opt.param_groups[0]["lr"] = 3e-3 * (1 - e / N)
    loss = F.cross_entropy(teacher(x), t)
    opt.zero_grad(); loss.backward(); opt.step()
print("teacher: train %.3f test %.3f" % (accuracy(teacher, Xa, ya), accuracy(teacher, Xb, yb)))

teacher.eval()
teacher.requires_grad_(False)
student = mlp(64, 32, 10)
hint = nn.Linear(32, 96, bias=False)
t_tap, s_tap = Tap(teacher[4]), Tap(student[1])
opt = torch.optim.Adam([*student.parameters(), *hint.parameters()], lr=8e-3)
TEMP, N = 3.0, 15
for e, x, t in epochs(N):
    opt.param_groups[0]["lr"] = 8e-3 * (1 - e / N)
    with torch.no_grad():
        soft = F.softmax(teacher(x) / TEMP, dim=1)
    out = student(x)
    kd = F.kl_div(F.log_softmax(out / TEMP, dim=1), soft, reduction="batchmean") * TEMP ** 2
    feat = F.mse_loss(hint(s_tap.value), t_tap.value)
    loss = 0.5 * kd + 0.5 * F.cross_entropy(out, t) + 0.1 * feat
    opt.zero_grad(); loss.backward(); opt.step()
    if e % 5 == 4 and len(x) < 64:
        print("epoch %d kd %.3f feat %.3f student train %.3f test %.3f" % (e, kd.item(), feat.item(), accuracy(student, Xa, ya), accuracy(student, Xb, yb)))
t_tap.handle.remove(); s_tap.handle.remove()
print("student:", sum(p.numel() for p in student.parameters()), "of", sum(p.numel() for p in teacher.parameters()), "weights, test %.3f" % accuracy(student, Xb, yb))
