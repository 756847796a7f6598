# Vowel identity without speaker identity: domain-adversarial training (Ganin & Lempitsky 2015).
# The vowel head should be right, the speaker head should end up near chance (1/4).
import torch
from torch import nn
from torch.autograd import Function

torch.manual_seed(41)

FORMANTS = torch.tensor([[300., 2300.], [450., 1900.], [750., 1300.], [500., 900.], [320., 750.]])   # i e a o u
N_VOWEL, N_SPK = 5, 4


def tokens(n):
    v = torch.randint(N_VOWEL, (n,))
    s = torch.randint(N_SPK, (n,))
    f = FORMANTS[v].log() + 0.05 * torch.randn(n, 2)
    voice = nn.functional.one_hot(s, N_SPK).float() * 1.0 + 0.25 * torch.randn(n, N_SPK)       # voice quality measures
    x = torch.cat([(f - FORMANTS.log().mean(0)) / FORMANTS.log().std(0), voice], 1)
    return x, v, s


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.lam * grad, None


features = nn.Sequential(nn.Linear(2 + N_SPK, 32), nn.Tanh(), nn.Linear(32, 6))
vowel_head = nn.Linear(6, N_VOWEL)
speaker_head = nn.Linear(6, N_SPK)

xtr, vtr, str_ = tokens(2000)
xte, vte, ste = tokens(500)
ce = nn.CrossEntropyLoss()
opt = torch.optim.Adam([
    {"params": features.parameters(), "lr": 2e-3},
    {"params": vowel_head.parameters(), "lr": 2e-3},
    {"params": speaker_head.parameters(), "lr": 1e-2},
], betas=(0.5, 0.99))


@torch.no_grad()
def accs(x, v, s):
    h = features(x)
    return (vowel_head(h).argmax(1) == v).float().mean().item(), (speaker_head(h).argmax(1) == s).float().mean().item()


for epoch in range(10):
    lam = min(0.5, epoch / 8)
    lv = ls = 0.0
    for b in torch.randperm(len(xtr)).split(40):
        h = features(xtr[b])
        loss_v = ce(vowel_head(h), vtr[b])
        loss_s = ce(speaker_head(Reverse.apply(h, lam)), str_[b])
        opt.zero_grad()
        (loss_v + loss_s).backward()
        opt.step()
        lv, ls = lv + loss_v.item() / 50, ls + loss_s.item() / 50
    print("epoch %d lambda %.2f  vowel loss %.3f  speaker loss %.3f" % (epoch, lam, lv, ls))
print("train: vowel %.3f speaker %.3f" % accs(xtr, vtr, str_))
print("test:  vowel %.3f speaker %.3f (chance 0.25)" % accs(xte, vte, ste))
