# Forecast tomorrow's temperature change from a one-line weather bulletin, with an error bar.
# Gaussian likelihood in units of ten degrees, so the loss goes below zero when the forecast is sharp.
import math, random
import torch
from torch import nn

random.seed(30); torch.manual_seed(30)
WIND = {"northerly": -.5, "southerly": .5, "easterly": -.1, "westerly": .1}
SKY = {"clear": .3, "overcast": -.2, "showers": -.3, "fog": 0., "snow": -.6}
DOUBT = {"certain": .05, "likely": .12, "possible": .3}
FILL = "the a over with and expected in on area later early coast hills during front region".split()


def bulletin():
    w, s, d = random.choice(list(WIND)), random.choice(list(SKY)), random.choice(list(DOUBT))
    words = [w, s, d] + random.choices(FILL, k=5)
    random.shuffle(words)
    return words, WIND[w] + SKY[s] + random.gauss(0, DOUBT[d])


vocab = {w: i for i, w in enumerate([*WIND, *SKY, *DOUBT, *FILL])}


def tensors(n):
    rows = [bulletin() for _ in range(n)]
    return torch.tensor([[vocab[w] for w in ws] for ws, _ in rows]), torch.tensor([t for _, t in rows])


X, T = tensors(3000)
X2, T2 = tensors(700)


class Forecast(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), 12)
        self.f = nn.Sequential(nn.Linear(12, 24), nn.SiLU(), nn.Linear(24, 2))

    def forward(self, x):
        mean, raw = self.f(self.e(x).sum(1)).unbind(-1)
        return mean, nn.functional.softplus(raw) + .01


def nll(mean, sd, t):
    return (sd.log() + .5 * ((t - mean) / sd) ** 2).mean()


net = Forecast()
epochs, bs = 7, 60
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=epochs * math.ceil(len(T) / bs))
for ep in range(epochs):
    running = 0
    for j in torch.randperm(len(T)).split(bs):
        loss = nll(*net(X[j]), T[j])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        sched.step()
        running += loss.item() * len(j) / len(T)
    with torch.no_grad():
        m, sd = net(X2)
        inside = ((T2 - m).abs() < 1.96 * sd).float().mean()
        print("epoch %d  nll %.3f  held-out nll %.3f  R2 %.3f  95%% band covers %.3f" % (
            ep, running, nll(m, sd, T2), 1 - (T2 - m).pow(2).mean() / T2.var(), inside))
