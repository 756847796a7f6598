# Bernoulli VAE on yes/no questionnaires with 3 hidden traits. Functional style, weights in a dict, reparameterised by hand.
# Also prints an importance-weighted estimate of log p(x) next to that of independent answers.
import math, torch
import torch.nn.functional as F

torch.manual_seed(99)
ITEMS, Z, H, N = 40, 3, 48, 3400
load = torch.randn(Z, ITEMS) * 2.0
bias = torch.randn(ITEMS) * 0.5
answers = torch.bernoulli(torch.sigmoid(torch.randn(N, Z) @ load + bias))
train, held = answers[:2800], answers[2800:]

def xavier(i, o):
    return (torch.randn(i, o) * math.sqrt(2 / (i + o))).requires_grad_()

W = dict(e1=xavier(ITEMS, H), e1b=torch.zeros(H, requires_grad=True), mu=xavier(H, Z), lv=(0.01 * torch.randn(H, Z)).requires_grad_(),
         lvb=torch.full((Z,), -1.0, requires_grad=True), d1=xavier(Z, H), d1b=torch.zeros(H, requires_grad=True),
         o=xavier(H, ITEMS), ob=torch.zeros(ITEMS, requires_grad=True))

def encoder(x):
    h = torch.tanh((2 * x - 1) @ W["e1"] + W["e1b"])
    return h @ W["mu"], h @ W["lv"] + W["lvb"]

def decoder(z):
    return torch.tanh(z @ W["d1"] + W["d1b"]) @ W["o"] + W["ob"]

def elbo_terms(x):
    m, lv = encoder(x)
    z = m + torch.randn_like(m) * torch.exp(lv / 2)
    rec = -F.binary_cross_entropy_with_logits(decoder(z), x, reduction="none").sum(1)
    kl = 0.5 * (m ** 2 + lv.exp() - 1 - lv).sum(1)
    return rec, kl

@torch.no_grad()
def log_px(x, k=40):
    m, lv = encoder(x)
    ws = []
    for _ in range(k):
        eps = torch.randn_like(m)
        z = m + eps * torch.exp(lv / 2)
        lp = -F.binary_cross_entropy_with_logits(decoder(z), x, reduction="none").sum(1)
        ws.append(lp - 0.5 * (z ** 2).sum(1) + 0.5 * (eps ** 2 + lv).sum(1))
    return (torch.logsumexp(torch.stack(ws), 0) - math.log(k)).mean().item()

f = (train.sum(0) + 1) / (len(train) + 2)
print("independent answers: log p(x) = %.3f" % (held * f.log() + (1 - held) * (1 - f).log()).sum(1).mean())
opt = torch.optim.Adamax(W.values(), lr=0.02)
EPOCHS = 8
for ep in range(EPOCHS):
    for grp in opt.param_groups:
        grp["lr"] = 0.02 * (1 - ep / EPOCHS) + 1e-4
    tot = torch.zeros(2)
    for x in train[torch.randperm(len(train))].split(40):
        rec, kl = elbo_terms(x)
        loss = -(rec - kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += torch.stack([rec.detach().sum(), kl.detach().sum()])
    rec, kl = (tot / len(train)).tolist()
    print("epoch %d  rec %.3f  KL %.3f  ELBO %.3f | IW log p: train %.3f  held-out %.3f" % (ep, rec, kl, rec - kl, log_px(train[:600]), log_px(held)))
with torch.no_grad():
    p = torch.sigmoid(decoder(encoder(held)[0]))
    print("answers reconstructed: %.3f, most frequent answer: %.3f" % (((p > .5) == (held > .5)).float().mean(), torch.max(held.mean(0), 1 - held.mean(0)).mean()))
