# Text CNN for made-up product categories; label smoothing, EMA weights used for evaluation, early stopping
import copy, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(19); torch.manual_seed(19)
CATS = [("steel", "pan"), ("cotton", "shirt"), ("wireless", "mouse"), ("leather", "belt"), ("garden", "hose")]
FILLER = ["new", "best", "red", "blue", "large", "small", "pack", "of", "two", "with", "and", "gift", "sale", "original"]
vocab = {w: i for i, w in enumerate(FILLER + [w for c in CATS for w in c])}
LEN = 9                                              # titles are cut to nine words by the shop: no padding


def title():
    """the category is told by adjective + noun side by side; stray adjectives and nouns mislead"""
    c = random.randrange(len(CATS))
    ws = random.choices(FILLER, k=LEN)
    ws[0] = random.choice(CATS)[0]; ws[-1] = random.choice(CATS)[1]
    p = random.randint(2, LEN - 4)
    ws[p], ws[p + 1] = CATS[c]
    return [vocab[w] for w in ws], c


rows = [title() for _ in range(2500)]
X = torch.tensor([r[0] for r in rows]); y = torch.tensor([r[1] for r in rows])
Xt, yt, Xv, yv, Xs, ys = X[:1800], y[:1800], X[1800:2100], y[1800:2100], X[2100:], y[2100:]


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), 24)
        self.c = nn.Conv1d(24, 32, 2)
        self.d = nn.Dropout(0.2)
        self.o = nn.Linear(32, len(CATS))

    def forward(self, x):
        h = F.relu(self.c(self.e(x).transpose(1, 2))).amax(-1)
        return self.o(self.d(h))


net = CNN()
ema = copy.deepcopy(net).eval().requires_grad_(False)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)
best, state, wait = 0.0, None, 0
for ep in range(8):
    net.train(); tot = 0.0
    for b in torch.randperm(len(Xt)).split(36):
        loss = crit(net(Xt[b]), yt[b])
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for p, q in zip(ema.parameters(), net.parameters()):
                p.lerp_(q, 0.05)
        tot += loss.item() / 50
    with torch.no_grad():
        acc = (ema(Xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {ep + 1} smoothed loss {tot:.3f} (floor about 0.39) ema valid acc {acc:.3f}")
    if acc > best:
        best, state, wait = acc, copy.deepcopy(ema.state_dict()), 0
    else:
        wait += 1
        if wait == 2:
            print("stop"); break
ema.load_state_dict(state)
with torch.no_grad():
    print("test acc %.3f" % (ema(Xs).argmax(1) == ys).float().mean())
