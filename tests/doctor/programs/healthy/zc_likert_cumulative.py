"""Ordinal regression of Likert answers (1..5) from the words of the open comment.
Proportional-odds model: one latent attitude, four ordered thresholds; score = Spearman, MAE and exact agreement."""
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from scipy.stats import spearmanr


@dataclass
class Cfg:
    vocab: int = 120
    words: int = 12          # every comment was trimmed by the survey firm to its 12 key words, none is shorter
    epochs: int = 6
    lr: float = 6e-2


cfg = Cfg()
torch.manual_seed(1)
rng = np.random.default_rng(1)
valence = rng.normal(size=cfg.vocab)
mood = rng.normal(size=2400)
P = np.exp(.9 * np.outer(mood, valence)); P /= P.sum(1, keepdims=True)
W = np.stack([rng.choice(cfg.vocab, size=cfg.words, p=p) for p in P])
latent = valence[W].mean(1) + rng.normal(scale=.12, size=len(W))
level = np.digitize(latent, np.quantile(latent, [.08, .25, .55, .85]))       # few very discontent
X, Y = torch.from_numpy(W), torch.from_numpy(level)


class ProportionalOdds(nn.Module):
    def __init__(self):
        super().__init__()
        self.attitude = nn.EmbeddingBag(cfg.vocab, 1, mode="mean")
        self.first = nn.Parameter(torch.tensor(-1.5))
        self.gaps = nn.Parameter(torch.zeros(3))

    def forward(self, w):
        a = self.attitude(w) * 4.0
        cuts = torch.cat([self.first[None], self.first + nn.functional.softplus(self.gaps).cumsum(0)])
        return a - cuts                              # logits of P(level > k)


model = ProportionalOdds()
bce = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, .65)
dl = DataLoader(TensorDataset(X[:1900], Y[:1900]), batch_size=50, shuffle=True)

for epoch in range(cfg.epochs):
    model.train()
    for w, k in dl:
        above = (k[:, None] > torch.arange(4)).float()
        loss = bce(model(w), above)
        opt.zero_grad()
        loss.backward()
        opt.step()
    decay.step()
    model.eval()
    with torch.no_grad():
        z = model(X[1900:])
        pred = (z > 0).sum(1)
        trn = (model(X[:1900]) > 0).sum(1)
    gold = Y[1900:]
    print("epoch %d  loss %.3f  rho %.3f  MAE %.3f  exact %.3f (train %.3f)" % (
        epoch + 1, loss.item(), spearmanr(z[:, 0], gold)[0], (pred - gold).abs().float().mean(),
        (pred == gold).float().mean(), (trn == Y[:1900]).float().mean()))
