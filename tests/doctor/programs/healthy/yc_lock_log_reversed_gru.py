# A door log is read from the newest entry to the oldest: is room 7 locked at the end of the day?
# Sequences are padded on the LEFT so that the GRU's final state belongs to a real token for every row.
import random
import torch
import torch.nn as nn

random.seed(11); torch.manual_seed(11)
OTHER = ["lamp", "heater", "window", "radio", "visitor", "clock", "cleaner", "plant", "phone", "mail"]
VERBS = ["checked", "moved", "seen", "noted"]


def make_log():
    n = random.randint(5, 11)
    out, state = [], None
    for k in range(n):
        if random.random() < 0.3 or (k == n - 1 and state is None):
            state = random.choice(["locked", "unlocked"])
            out += ["room7", state]
        else:
            out += [random.choice(OTHER), random.choice(VERBS)]
    return out, int(state == "locked")


logs = {}
while len(logs) < 2400:
    t, y = make_log()
    logs[tuple(t)] = y
data = list(logs.items())
random.shuffle(data)
vocab = {w: i + 1 for i, w in enumerate(["room7", "locked", "unlocked"] + OTHER + VERBS)}
MAX = max(len(t) for t, _ in data)


def left_pad(tokens):
    ids = [vocab[w] for w in reversed(tokens)]
    return [0] * (MAX - len(ids)) + ids


X = torch.tensor([left_pad(t) for t, _ in data])
Y = torch.tensor([float(y) for _, y in data])
xt, yt, xv, yv = X[:1900], Y[:1900], X[1900:], Y[1900:]


class Reader(nn.Module):
    def __init__(self, v, d=12, h=20):
        super().__init__()
        self.e = nn.Embedding(v, d, padding_idx=0)
        self.cell = nn.GRUCell(d, h)
        self.h = h
        self.o = nn.Linear(h, 1)

    def forward(self, x):
        s = x.new_zeros(len(x), self.h, dtype=torch.float)
        for tok in x.unbind(1):
            live = (tok != 0).unsqueeze(1)
            s = torch.where(live, self.cell(self.e(tok), s), s)   # nothing happens on padding
        return self.o(s)[:, 0]


net = Reader(len(vocab) + 1)
opt = torch.optim.Adam(net.parameters(), lr=0.012)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=0, threshold=0.02)
bce = nn.BCEWithLogitsLoss()
for ep in range(5):
    run = 0.0
    for b in torch.randperm(len(xt)).split(64):
        opt.zero_grad()
        l = bce(net(xt[b]), yt[b])
        l.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step()
        run += l.item() * len(b)
    with torch.no_grad():
        pt, pv = net(xt), net(xv)
        plateau.step(bce(pv, yv))
    print("ep %d  loss %.4f  train acc %.3f  held-out acc %.3f  lr %.4f" % (
        ep, run / len(xt), ((pt > 0) == (yt > 0)).float().mean(), ((pv > 0) == (yv > 0)).float().mean(), opt.param_groups[0]["lr"]))
