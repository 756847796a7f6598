"""Learning to sort with Sinkhorn operators, after Mena et al. 2018.

n scores -> n x n matrix -> rows and columns normalised in turn -> (nearly) a permutation.
Words stand for the numbers, so the network must first find out what each word is worth.
"""
import math

import torch
from torch import nn

torch.manual_seed(0)
N, VOCAB, STEPS, BATCH = 6, 40, 420, 64
gen = torch.Generator().manual_seed(1)
worth = torch.randperm(VOCAB, generator=gen)              # the secret order of the 40 words


def draw(k):
    """k lists of N different words and the place of every word in the sorted list"""
    x = torch.rand(k, VOCAB, generator=gen).argsort(1)[:, :N]
    place = worth[x].argsort(1).argsort(1)
    return x, place


def log_sinkhorn(log_p, n_iter=8):
    for _ in range(n_iter):
        log_p = log_p - torch.logsumexp(log_p, 2, keepdim=True)      # rows
        log_p = log_p - torch.logsumexp(log_p, 1, keepdim=True)      # columns
    return log_p


class Sorter(nn.Module):
    def __init__(self, tau=0.5):
        super().__init__()
        self.tau = tau
        self.value = nn.Sequential(nn.Embedding(VOCAB, 8), nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, N))

    def forward(self, x):
        v = self.value(x)                                             # (B, N, N): word i at place j
        return log_sinkhorn((v - v.mean(1, keepdim=True)) / self.tau)


@torch.no_grad()
def judge(net, x, place):
    log_p = net(x)
    guess = log_p.argmax(2)
    return ((guess == place).float().mean().item(), (guess == place).all(1).float().mean().item())


net = Sorter()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
decay = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 0.5 * (1 + math.cos(math.pi * s / STEPS)))
x_test, place_test = draw(1000)
known = {tuple(sorted(r)) for r in x_test.tolist()}
avg = 0.0
for step in range(1, STEPS + 1):
    x, place = draw(BATCH)
    fresh = torch.tensor([tuple(sorted(r)) not in known for r in x.tolist()])
    x, place = x[fresh], place[fresh]
    loss = -net(x).gather(2, place.unsqueeze(2)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    decay.step()
    avg = 0.95 * avg + 0.05 * loss.item()
    if step % 70 == 0:
        print("step %4d  nll %.4f  places right %.3f  lists right %.3f"
              % (step, avg / (1 - 0.95 ** step), *judge(net, x_test, place_test)))
print("chance: places %.3f, lists %.4f" % (1 / N, 1 / math.factorial(N)))
