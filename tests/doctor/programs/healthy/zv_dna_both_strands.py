# Binding site detection. The filter bank is applied to the sequence and to its reverse complement (shared weights),
# the strand is unknown, so the maximum over both strands and all positions is what counts.
import numpy as np
import torch

torch.manual_seed(0)
rs = np.random.RandomState(42)
ALPH = "ACGT"
COMP = torch.tensor([3, 2, 1, 0])
L = 50
pwm = np.array([[.02, .02, .94, .02], [.02, .94, .02, .02], [.1, .4, .1, .4], [.94, .02, .02, .02],
                [.02, .02, .02, .94], [.02, .02, .94, .02], [.94, .02, .02, .02], [.02, .02, .02, .94]])


def make(n):
    X = rs.randint(0, 4, (n, L)); cdf = pwm.cumsum(1); y = (rs.rand(n) < .5).astype("float32")
    for i in range(n):
        if y[i]:
            site = (rs.rand(len(pwm), 1) > cdf[:, :3]).sum(1)
            if rs.rand() < .5:
                site = (3 - site)[::-1]
            at = rs.randint(0, L - len(pwm) + 1)
            X[i, at:at + len(pwm)] = site
    return torch.from_numpy(X), torch.from_numpy(y)


Xtr, ytr = make(3000)
Xte, yte = make(800)


def onehot(x):
    return torch.nn.functional.one_hot(x, 4).float().permute(0, 2, 1)


W = torch.empty(16, 4, 10).normal_(0, .15).requires_grad_()
b = torch.full((16,), -.3, requires_grad=True)
V = torch.empty(16).normal_(0, .2).requires_grad_()
c = torch.zeros((), requires_grad=True)
theta = [W, b, V, c]


def score(x):
    fwd = torch.conv1d(onehot(x), W, b)
    rev = torch.conv1d(onehot(COMP[x].flip(1)), W, b)
    best = torch.maximum(fwd.amax(2), rev.amax(2))
    return torch.relu(best) @ V + c


m = [torch.zeros_like(p) for p in theta]
v = [torch.zeros_like(p) for p in theta]
step, EPOCHS, B = 0, 7, 50
for ep in range(EPOCHS):
    order = torch.randperm(len(Xtr))
    run = 0.
    for idx in order.split(B):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(score(Xtr[idx]), ytr[idx])
        reg = 1e-3 * W.abs().sum(1).mean()
        grads = torch.autograd.grad(loss + reg, theta)
        step += 1
        lr = .02 * .5 * (1 + np.cos(np.pi * step / (EPOCHS * len(Xtr) / B)))
        with torch.no_grad():                        # Adam, written out
            for p, g, mm, vv in zip(theta, grads, m, v):
                mm.mul_(.9).add_(g, alpha=.1)
                vv.mul_(.99).addcmul_(g, g, value=.01)
                p -= lr * (mm / (1 - .9 ** step)) / ((vv / (1 - .99 ** step)).sqrt() + 1e-8)
        run += loss.item() * len(idx)
    with torch.no_grad():
        acc = ((score(Xte) > 0) == (yte > .5)).float().mean().item()
        tacc = ((score(Xtr) > 0) == (ytr > .5)).float().mean().item()
    print("epoch %d loss %.4f train acc %.3f test acc %.3f" % (ep + 1, run / len(Xtr), tacc, acc))
k = V.abs().argmax()
print("strongest filter:", "".join(ALPH[i] for i in W[k].argmax(0)))
