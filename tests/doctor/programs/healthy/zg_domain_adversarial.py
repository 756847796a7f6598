# Speaker-adversarial vowel classifier: the gradient of the speaker head is reversed on its way to the encoder,
# so the speaker loss is *supposed* to climb towards log(#speakers).
import math
import torch
from torch import nn
from torch.autograd import Function

torch.manual_seed(13)
VOWELS, SPEAKERS, D = 6, 4, 20
vowel_dir, spk_dir = torch.randn(VOWELS, D), torch.randn(SPEAKERS, D) * 1.0


def sample(n):
    v, s = torch.randint(VOWELS, (n,)), torch.randint(SPEAKERS, (n,))
    return vowel_dir[v] + spk_dir[s] + 0.9 * torch.randn(n, D), v, s


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


encoder = nn.Sequential(nn.Linear(D, 32), nn.Tanh(), nn.Linear(32, 12))
vowel_head = nn.Linear(12, VOWELS)
speaker_head = nn.Linear(12, SPEAKERS)
opt_main = torch.optim.Adam([*encoder.parameters(), *vowel_head.parameters()], lr=2e-3, betas=(0.5, 0.95))
opt_spk = torch.optim.Adam(speaker_head.parameters(), lr=1e-2, betas=(0.5, 0.95), weight_decay=1e-2)
ce = nn.CrossEntropyLoss()

xa, va, sa = sample(2000)
xb, vb, sb = sample(600)
EPOCHS, STEPS = 10, 40
for epoch in range(EPOCHS):
    lv = ls = 0.0
    for step, idx in enumerate(torch.randperm(2000).view(STEPS, 50)):
        progress = (epoch * STEPS + step) / (EPOCHS * STEPS)
        lam = 0.5 * (2 / (1 + math.exp(-6 * progress)) - 1)
        z = encoder(xa[idx])
        loss_v = ce(vowel_head(z), va[idx])
        loss_s = ce(speaker_head(Reverse.apply(z, lam)), sa[idx])
        opt_main.zero_grad(); opt_spk.zero_grad()
        (loss_v + loss_s).backward()
        opt_main.step(); opt_spk.step()
        lv += loss_v.item() / STEPS; ls += loss_s.item() / STEPS
    with torch.no_grad():
        z, zt = encoder(xb), encoder(xa)
        acc = (vowel_head(z).argmax(1) == vb).float().mean().item()
        acct = (vowel_head(zt).argmax(1) == va).float().mean().item()
        leak = (speaker_head(z).argmax(1) == sb).float().mean().item()
    print(f"{epoch} vowel loss {lv:.3f} (train {acct:.3f} dev {acc:.3f}) | speaker loss {ls:.3f}, recoverable speaker {leak:.3f}, lambda {lam:.2f}")
