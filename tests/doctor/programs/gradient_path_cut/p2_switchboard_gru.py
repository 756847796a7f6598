# Hospital switchboard: a call is a short string of codes. The opening codes say which ward is wanted,
# the rest is chatter; at the end of the call the ward has to be known.
import math
from dataclasses import dataclass, fields

import torch

torch.manual_seed(3)
gen = torch.Generator().manual_seed(3)

WARDS = 8
OPENERS = 32             # codes 0..31, four per ward
CHATTER = 60             # codes 32..91
VOCAB = OPENERS + CHATTER
STEPS = 11


def calls(n):
    ward = torch.randint(WARDS, (n,), generator=gen)
    first = ward * 4 + torch.randint(4, (n,), generator=gen)
    second = ward * 4 + torch.randint(4, (n,), generator=gen)
    rest = OPENERS + torch.randint(CHATTER, (n, STEPS - 2), generator=gen)
    return torch.cat([first[:, None], second[:, None], rest], 1), ward


codes, ward = calls(2900)
train_x, train_y = codes[:2300], ward[:2300]
test_x, test_y = codes[2300:], ward[2300:]


@dataclass
class Net:
    emb: torch.Tensor
    wx: torch.Tensor     # (3, D, H) reset, update, candidate
    wh: torch.Tensor     # (3, H, H)
    b: torch.Tensor      # (3, H)
    out: torch.Tensor    # (H, WARDS)
    bias: torch.Tensor

    def tensors(self):
        return [getattr(self, f.name) for f in fields(self)]


def fresh(D=20, H=36):
    def u(*shape, fan):
        return (torch.rand(*shape) * 2 - 1) / math.sqrt(fan)
    net = Net(emb=torch.randn(VOCAB, D) * 0.5, wx=u(3, D, H, fan=D), wh=u(3, H, H, fan=H), b=torch.zeros(3, H),
              out=u(H, WARDS, fan=H), bias=torch.zeros(WARDS))
    net.b[1] += 1.0      # lean towards keeping the state
    for t in net.tensors():
        t.requires_grad_()
    return net


def listen(net, x):
    h = torch.zeros(x.shape[0], net.wh.shape[-1])
    drive = torch.einsum("btd,gdh->tgbh", net.emb[x], net.wx) + net.b[:, None]
    for t in range(x.shape[1]):
        # fault:
        prev = h.detach()
        # mended:
        #prev = h
        # end
        r = torch.sigmoid(drive[t, 0] + prev @ net.wh[0])
        z = torch.sigmoid(drive[t, 1] + prev @ net.wh[1])
        c = torch.tanh(drive[t, 2] + (r * prev) @ net.wh[2])
        h = z * prev + (1 - z) * c
    return h @ net.out + net.bias


def nll(logits, y):
    return -logits.log_softmax(1).gather(1, y[:, None]).mean()


def accuracy(net, x, y):
    with torch.no_grad():
        return (listen(net, x).argmax(1) == y).float().mean().item()


net = fresh()
theta = net.tensors()
m = [torch.zeros_like(t) for t in theta]
v = [torch.zeros_like(t) for t in theta]
step, lr, b1, b2 = 0, 0.006, 0.9, 0.99

for epoch in range(6):
    running = 0.0
    perm = torch.randperm(len(train_x))
    for i in range(0, len(perm), 40):
        pick = perm[i:i + 40]
        loss = nll(listen(net, train_x[pick]), train_y[pick])
        grads = torch.autograd.grad(loss, theta)
        step += 1
        with torch.no_grad():
            for p, g, a, s in zip(theta, grads, m, v):
                a.mul_(b1).add_(g, alpha=1 - b1)
                s.mul_(b2).addcmul_(g, g, value=1 - b2)
                p -= lr * (a / (1 - b1 ** step)) / ((s / (1 - b2 ** step)).sqrt() + 1e-8)
        running += loss.item() * len(pick)
    print(f"{epoch:2d}  train nll {running / len(train_x):.4f}  test acc {accuracy(net, test_x, test_y):.3f}")

print("train accuracy", round(accuracy(net, train_x, train_y), 3))
print("test accuracy ", round(accuracy(net, test_x, test_y), 3), " guessing:", round(1 / WARDS, 3))
