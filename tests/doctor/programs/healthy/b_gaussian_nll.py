"""Travel time with uncertainty; the loss turns negative once the model is sure, as it should."""
import random

import torch
from torch import nn

random.seed(305)
torch.manual_seed(305)
MIN = {"bike": 0.2, "tram": 0.3, "walk": 0.6, "detour": 0.4, "shortcut": -0.2, "rush": 0.35, "night": -0.1}
WORDS = "take the to work from home by and then along".split()
vocab = {w: i + 1 for i, w in enumerate(list(MIN) + WORDS)}


def make(n):
    xs, ys = [], []
    for _ in range(n):
        cues = random.sample(list(MIN), random.randint(1, 3))
        words = cues + random.choices(WORDS, k=4)
        random.shuffle(words)
        noise = 0.2 if "rush" in cues else 0.03
        xs.append(torch.tensor([vocab[w] for w in words]))
        ys.append(sum(MIN[c] for c in cues) + random.gauss(0, noise))
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Heteroscedastic(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.body = nn.Linear(24, 32)
        self.mean, self.var = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, x):
        h = torch.relu(self.body(self.emb(x).sum(1)))
        return self.mean(h).squeeze(1), nn.functional.softplus(self.var(h)).squeeze(1) + 1e-4


x, y = make(1500)
xd, yd = make(300)
model = Heteroscedastic()
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    for i in torch.randperm(1500).split(50):
        mu, var = model(x[i])
        loss = nll(mu, y[i], var)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            mu, var = model(xd)
            r2 = 1 - ((mu - yd) ** 2).mean() / yd.var()
        print(f"epoch {epoch + 1} loss {loss.item():.3f} dev nll {nll(mu, yd, var).item():.3f} R2 {r2.item():.4f}")
