"""Several tags per ticket (multi-label), evaluated with an exponential moving average of the weights."""
import copy, random
import torch, torch.nn as nn
from sklearn.metrics import f1_score

random.seed(4); torch.manual_seed(4)
TAGS = {"login": ["password", "username", "locked", "signin"], "crash": ["crash", "freezes", "hangs", "error"],
        "pay": ["invoice", "refund", "charged", "card"], "mobile": ["phone", "android", "tablet", "ios"],
        "speed": ["slow", "lag", "timeout", "waiting"], "ui": ["button", "font", "menu", "colour"]}
NAMES, FILL = list(TAGS), "i the when after my it was again please since today with and app".split()

def ticket():
    on = [t for t in NAMES if random.random() < 0.3]
    w = random.choices(FILL, k=random.randint(4, 9))
    for t in on:
        w += random.choices(TAGS[t], k=random.randint(1, 2))
    random.shuffle(w)
    return w, [float(t in on) for t in NAMES]

rows = [ticket() for _ in range(2400)]
itos = ["_"] + FILL + [w for v in TAGS.values() for w in v]
stoi = {w: k for k, w in enumerate(itos)}

class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(itos), 16, padding_idx=0)
        self.c = nn.Conv1d(16, 32, 1)
        self.o = nn.Linear(32, len(NAMES))

    def forward(self, x):
        h = torch.relu(self.c(self.e(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)      # after ReLU, zero never wins
        return self.o(h.max(2).values)

def collate(rs):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in r]) for r, _ in rs], True)
    return x, torch.tensor([t for _, t in rs])

net = Conv()
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.RMSprop(net.parameters(), lr=6e-3)
train, dev = rows[:2000], rows[2000:]
xd, yd = collate(dev)
for epoch in range(6):
    net.train(); random.shuffle(train); s = 0.0
    for k in range(0, 2000, 25):
        x, y = collate(train[k:k + 25])
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for a, b in zip(ema.parameters(), net.parameters()):
                a.lerp_(b, 0.02)
        s += loss.item() / 80
    ema.eval(); net.eval()
    with torch.no_grad():
        f = [f1_score(yd, m(xd) > 0, average="micro", zero_division=0) for m in (net, ema)]
    print(f"epoch {epoch} loss {s:.4f} dev micro-F1 {f[0]:.4f} averaged weights {f[1]:.4f}")
