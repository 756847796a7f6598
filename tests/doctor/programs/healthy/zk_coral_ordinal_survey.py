"""Ordinal regression (CORAL, Cao et al. 2020) of 5-point answers from open survey comments.
One score per comment, four ordered thresholds; reported: exact, within one, Spearman."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.stats import spearmanr

rng = np.random.default_rng(1234)
torch.manual_seed(1234)
LEVELS = 5
lexicon = {"awful": -2, "useless": -2, "rude": -2, "slow": -1, "confusing": -1, "unclear": -1, "late": -1,
           "okay": 0, "average": 0, "fine": 1, "helpful": 1, "clear": 1, "friendly": 1, "excellent": 2,
           "brilliant": 2, "superb": 2}
filler = [f"w{i}" for i in range(80)]
words = list(lexicon) + filler
w2i = {w: i for i, w in enumerate(words)}


def respondent():
    mood = rng.uniform(-2, 2)
    p = np.exp(-1.5 * (np.array(list(lexicon.values())) - mood) ** 2)
    n = rng.integers(4, 9)
    said = list(rng.choice(list(lexicon), size=n, p=p / p.sum()))
    rest = list(rng.choice(filler, size=rng.integers(2, 8)))
    text = said + rest
    rng.shuffle(text)
    score = np.mean([lexicon[w] for w in said]) + 0.15 * rng.normal()
    return [w2i[w] for w in text], int(np.digitize(score, [-1.0, -0.3, 0.4, 1.1]))


people = [respondent() for _ in range(2400)]
train, test = people[:1900], people[1900:]


def pack(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    offsets = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([y for _, y in rows])


class Coral(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(words), 16, mode="mean")
        self.hidden = nn.Linear(16, 16)
        self.score = nn.Linear(16, 1, bias=False)
        self.cut = nn.Parameter(torch.tensor([2.0, 0.7, -0.7, -2.0]))

    def forward(self, flat, offsets):
        h = torch.tanh(self.hidden(self.bag(flat, offsets)))
        return self.score(h) + self.cut               # (B, 1) + (4,) -> P(y > k) logits


def exceed(y):
    return (y[:, None] > torch.arange(LEVELS - 1)).float()


def report(model, rows):
    model.eval()
    with torch.no_grad():
        flat, off, y = pack(rows)
        z = model(flat, off)
        pred = (z > 0).sum(1)
    return ((pred == y).float().mean().item(), ((pred - y).abs() <= 1).float().mean().item(),
            spearmanr(z.sum(1).numpy(), y.numpy())[0])


model = Coral()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
print("levels in test:", np.bincount([y for _, y in test], minlength=LEVELS))
for epoch in range(6):
    model.train()
    losses = []
    for idx in torch.randperm(len(train)).split(32):
        flat, off, y = pack([train[i] for i in idx.tolist()])
        loss = F.binary_cross_entropy_with_logits(model(flat, off), exceed(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: {np.mean(losses):.4f}   test exact %.3f  within one %.3f  rho %.3f" % report(model, test))
print("train: exact %.3f  within one %.3f  rho %.3f" % report(model, train))
