# CS224-style homework: SMS filter (ham, advert, fraud) with an averaging network.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(2)
torch.manual_seed(2)

ham = "see you home dinner mum late bus class notes coffee love sorry tonight call back walk park".split()
advert = "sale offer discount shop price deal coupon brand season weekend store free delivery member club save".split()
fraud = "prize winner claim bank account verify pin urgent blocked transfer code confirm refund lottery link cash".split()
common = "your the for you please to now with and this is our today just we new a me".split()
GROUPS = [ham, advert, fraud]
words = ["_"] + ham + advert + fraud + common
index = {w: i for i, w in enumerate(words)}
MAXLEN = 16


def write(kind):
    out = []
    for _ in range(np.random.randint(8, MAXLEN)):
        u = np.random.rand()
        if u < 0.34:
            bag = GROUPS[kind]
        elif u < 0.52:
            bag = GROUPS[np.random.randint(3)]
        else:
            bag = common
        out.append(index[bag[np.random.randint(len(bag))]])
    return out + [0] * (MAXLEN - len(out))


def corpus(per_class):
    X, Y = [], []
    for k in range(3):
        X += [write(k) for _ in range(per_class)]
        Y += [k] * per_class
    return torch.tensor(X), torch.tensor(Y)


Xtr, Ytr = corpus(700)
Xte, Yte = corpus(150)


class DAN(nn.Module):
    def __init__(self, n, d=32, h=48, c=3):
        super().__init__()
        self.E = nn.Embedding(n, d, padding_idx=0)
        self.norm = nn.BatchNorm1d(d)
        self.net = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Dropout(0.5), nn.Linear(h, c))

    def forward(self, x):
        mask = (x > 0).float().unsqueeze(-1)
        mean = (self.E(x) * mask).sum(1) / mask.sum(1)
        return self.net(self.norm(mean))


def test(model):
    # fault:
    right = 0
    # mended:
    # model.eval()
    # right = 0
    # end
    with torch.no_grad():
        for xb, yb in zip(Xte.split(50), Yte.split(50)):
            right += (model(xb).argmax(1) == yb).sum().item()
    return right / len(Xte)


model = DAN(len(words))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
lossfn = nn.CrossEntropyLoss()
for ep in range(6):
    model.train()
    tot, hit = 0.0, 0
    for b in torch.randperm(len(Xtr)).split(64):
        optimizer.zero_grad()
        z = model(Xtr[b])
        loss = lossfn(z, Ytr[b])
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(b)
        hit += (z.argmax(1) == Ytr[b]).sum().item()
    print(f"epoch {ep}  loss {tot / len(Xtr):.3f}  train acc {hit / len(Xtr):.3f}  test acc {test(model):.3f}")
