#!/usr/bin/env python
# Does a 50 bp promoter window hold a binding site?  Position weight matrix hidden on either strand.
# Weight sharing over both strands: the same filters read the reverse complement, max over strands and positions.
import torch as t
import torch.nn.functional as F
from torch import nn

t.manual_seed(101)
A, C, G, T = range(4)
L, N, NVAL = 50, 2400, 600

# site: T-G-A-(C/G)-T-C-A, like AP-1, with a bit of noise
pwm = t.tensor([[.03, .03, .03, .91], [.03, .03, .91, .03], [.91, .03, .03, .03], [.02, .48, .48, .02],
                [.03, .03, .03, .91], [.03, .91, .03, .03], [.91, .03, .03, .03], [.05, .05, .85, .05]])
comp = t.tensor([T, G, C, A])


def revcomp(x):
    return comp[x.flip(-1)]


def sample(n):
    x = t.multinomial(t.tensor([.28, .22, .22, .28]), n * L, replacement=True).view(n, L)
    y = t.arange(n) % 2
    y = y[t.randperm(n)]
    for i in t.nonzero(y).flatten().tolist():
        site = t.multinomial(pwm, 1).flatten()
        p = int(t.randint(0, L - len(site) + 1, ()))
        x[i, p:p + len(site)] = site if t.rand(()) < .5 else revcomp(site)
    return x, y


class StrandConv(nn.Module):
    def __init__(self, filters=24, width=10):
        super().__init__()
        self.conv = nn.Conv1d(4, filters, width)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(filters, 1)

    @staticmethod
    def onehot(x):
        # fixed alphabet: nothing to learn here, and no padding as all windows have the same length
        return F.one_hot(x, 4).float().transpose(1, 2)

    def forward(self, x):
        both = t.cat([self.conv(self.onehot(x)), self.conv(self.onehot(revcomp(x)))], dim=2)
        return self.fc(self.drop(F.relu(both).amax(dim=2))).view(-1)


xtr, ytr = sample(N)
xva, yva = sample(NVAL)
net = StrandConv()
opt = t.optim.Adam(net.parameters(), lr=0.01)
steps = 6 * (N // 60)
sched = t.optim.lr_scheduler.OneCycleLR(opt, 0.02, total_steps=steps)


def accuracy(x, y):
    net.eval()
    with t.no_grad():
        z = net(x)
    net.train()
    return ((z > 0).long() == y).float().mean().item()


for ep in range(6):
    perm, tot = t.randperm(N), 0.
    for b in perm.view(-1, 60):
        z = net(xtr[b])
        loss = F.binary_cross_entropy_with_logits(z, ytr[b].float())
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += float(loss.detach())
    print('epoch %2d  bce %.4f  train acc %.3f  val acc %.3f' % (ep, tot / (N // 60), accuracy(xtr, ytr), accuracy(xva, yva)))

# what did the filters find?
best = net.fc.weight[0].argmax()
w = net.conv.weight[best].detach()
print('strongest filter reads', ''.join('ACGT'[i] for i in w.argmax(0)))
