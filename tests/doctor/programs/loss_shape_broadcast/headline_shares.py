"""How often will a headline be shared? Poisson regression on the words."""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(40)
torch.manual_seed(40)
SUBJECT = "minister footballer robot kitten volcano startup nurse pirate mayor singer farmer hacker teacher whale satellite goalkeeper".split()
VERB = "saves blames buys leaks eats paints sues marries finds bans repairs hides wins sells".split()
OBJECT = "bridge treasure budget pizza rocket museum forest election app recipe stadium train castle bank song tax".split()
EXTRA = "shocking secret exclusive live finally again today video why opinion breaking simple cheap rare".split()
pull = {w: rng.normal(0, 0.55) for w in SUBJECT + VERB + OBJECT + EXTRA}


def sample():
    words = [rng.choice(SUBJECT), rng.choice(VERB), rng.choice(OBJECT)] + list(rng.choice(EXTRA, rng.integers(0, 4), replace=False))
    rate = math.exp(1.4 + sum(pull[w] for w in words))
    return " ".join(words), int(rng.poisson(rate))


corpus = {}
while len(corpus) < 4000:
    h, c = sample()
    corpus.setdefault(h, c)
corpus = list(corpus.items())
index = {w: i for i, w in enumerate(pull)}


class Headlines(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, count = self.rows[i]
        x = torch.zeros(len(index))
        for w in text.split():
            x[index[w]] += 1
        return {"words": x, "shares": torch.tensor(float(count))}


train_loader = DataLoader(Headlines(corpus[:3300]), batch_size=64, shuffle=True, drop_last=True)
test_loader = DataLoader(Headlines(corpus[3300:]), batch_size=700)


class Shares(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(len(index), 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, batch):
        # fault:
        return self.net(batch["words"])
        # mended:
        # return self.net(batch["words"]).squeeze(-1)
        # end


model = Shares()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def test():
    with torch.no_grad():
        batch = next(iter(test_loader))
        rate = model(batch).exp().numpy().ravel()
    y = batch["shares"].numpy()

    def deviance(mu):
        return 2 * np.mean(np.where(y > 0, y * np.log(np.maximum(y, 1) / mu), 0) - (y - mu))

    base = deviance(np.full_like(y, y.mean()))
    return 1 - deviance(rate) / base, np.corrcoef(rate, y)[0, 1], rate.std()


for epoch in range(12):
    losses = []
    for batch in train_loader:
        optimizer.zero_grad()
        loss = F.poisson_nll_loss(model(batch), batch["shares"], log_input=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    d2, r, s = test()
    print(f"epoch {epoch + 1:2d} loss {np.mean(losses):8.4f} explained deviance {d2:.3f} r {r:.3f} std of rates {s:.3f}")
