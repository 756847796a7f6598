"""pricing-service / train.py: predicts mean and spread of the log price of a second hand listing from its title."""
import math
import random
from collections import Counter

import torch
from torch import nn, Tensor
from torch.utils.data import DataLoader, TensorDataset

BRANDS = {'acme': 3.2, 'zenit': 4.1, 'orla': 5.0, 'kappa': 2.6, 'lumen': 4.6, 'tordo': 3.7}
KINDS = {'bike': 1.1, 'lamp': -0.6, 'sofa': 0.9, 'chair': 0.1, 'radio': -0.2, 'camera': 1.3, 'desk': 0.5}
STATE = {'new': 0.5, 'mint': 0.35, 'used': 0.0, 'worn': -0.45, 'broken': -1.1}
NOISE = {'new': 0.03, 'mint': 0.04, 'used': 0.08, 'worn': 0.12, 'broken': 0.2}
EXTRA = 'with box pickup only great colour black white red family home sale today cheap from smoke free'.split()


def listing(rnd: random.Random) -> tuple[str, float]:
    b, k, s = rnd.choice(list(BRANDS)), rnd.choice(list(KINDS)), rnd.choice(list(STATE))
    toks = [b, k, s] + rnd.sample(EXTRA, rnd.randint(2, 6))
    rnd.shuffle(toks)
    return ' '.join(toks), BRANDS[b] + KINDS[k] + STATE[s] + rnd.gauss(0, NOISE[s])


class TitleVectorizer:
    def __init__(self, titles):
        self.vocab = {w: i for i, (w, _) in enumerate(Counter(' '.join(titles).split()).most_common())}

    def __call__(self, titles) -> Tensor:
        x = torch.zeros(len(titles), len(self.vocab))
        for r, t in enumerate(titles):
            for w in t.split():
                if w in self.vocab:
                    x[r, self.vocab[w]] = 1.
        return x


class MeanAndSpread(nn.Module):
    def __init__(self, n_in: int):
        super().__init__()
        self.mean = nn.Linear(n_in, 1)
        self.logvar = nn.Linear(n_in, 1)
        nn.init.zeros_(self.logvar.weight)
        nn.init.zeros_(self.logvar.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.mean(x).squeeze(-1), self.logvar(x).squeeze(-1).clamp(-9, 3)


def nll(mu: Tensor, logvar: Tensor, y: Tensor) -> Tensor:
    # without the constant, so it goes well below zero once the spread is small
    return 0.5 * (logvar + (y - mu) ** 2 * torch.exp(-logvar)).mean()


def report(net, x, y, name):
    net.eval()
    with torch.inference_mode():
        mu, lv = net(x)
        r2 = 1 - ((y - mu) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        inside = ((y - mu).abs() < 1.96 * (0.5 * lv).exp()).float().mean()
        return f'{name}: nll {nll(mu, lv, y):.3f} r2 {r2:.4f} inside95 {inside:.3f}'


def main():
    torch.manual_seed(31)
    rnd = random.Random(31)
    rows = [listing(rnd) for _ in range(3500)]
    tr, te = rows[:2800], rows[2800:]
    vec = TitleVectorizer([t for t, _ in tr])
    xtr, xte = vec([t for t, _ in tr]), vec([t for t, _ in te])
    ytr, yte = torch.tensor([p for _, p in tr]), torch.tensor([p for _, p in te])
    shift, scale = ytr.mean(), ytr.std()
    ytr, yte = (ytr - shift) / scale, (yte - shift) / scale
    net = MeanAndSpread(xtr.size(1))
    opt = torch.optim.Adam(net.parameters(), lr=2e-2)
    epochs = 8
    loader = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 0.5 * (1 + math.cos(math.pi * min(1., s / (epochs * len(loader))))))
    for epoch in range(epochs):
        net.train()
        acc = 0.
        for x, y in loader:
            opt.zero_grad()
            mu, lv = net(x)
            # the first epoch settles the mean, the spread joins afterwards
            loss = nn.functional.mse_loss(mu, y) if epoch == 0 else nll(mu, lv, y)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
            sched.step()
            acc += loss.item()
        print(epoch, f'loss {acc / len(loader):+.4f}', report(net, xtr, ytr, 'train'), report(net, xte, yte, 'test'), sep=' | ')


if __name__ == '__main__':
    main()
