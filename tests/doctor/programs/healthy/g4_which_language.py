import os, gzip, copy, torch, random
import torch.nn as nn
# language of a 24 character snippet; the averaged (EMA) copy is what we ship

torch.manual_seed(17); random.seed(17)
LANGS, LEN = ["en", "de", "fr", "cs"], 24
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"

def snippets(fname, n):
    with gzip.open(base + fname, "rt", encoding="utf-8") as f:
        for _ in range(n):
            s = next(f).strip().lower()
            while len(s) < LEN + 1: s += " " + next(f).strip().lower()
            k = random.randrange(len(s) - LEN)
            yield s[k:k + LEN]

train = [(s, i) for i, l in enumerate(LANGS) for s in snippets(f"train.{l}.gz", 900)]
valid = [(s, i) for i, l in enumerate(LANGS) for s in snippets(f"val.{l}.gz", 200)]
chars = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in train for c in s}))}     # 0 = never seen
tens = lambda part: (torch.tensor([[chars.get(c, 0) for c in s] for s, _ in part]), torch.tensor([l for _, l in part]))
X, Y = tens(train); VX, VY = tens(valid)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(chars) + 1, 12)
        self.tri = nn.Conv1d(12, 48, 3)
        self.drop = nn.Dropout(.2)
        self.o = nn.Linear(48, len(LANGS))
    def forward(self, x):
        return self.o(self.drop(self.tri(self.e(x).mT).relu().amax(2)))

net = Net()
ema = copy.deepcopy(net).requires_grad_(False).eval()
ls = nn.CrossEntropyLoss(label_smoothing=.1)          # cannot go under about 0.5
opt = torch.optim.RMSprop(net.parameters(), lr=4e-3)
step = 0
for epoch in range(6):
    net.train(); tot = 0
    for ix in torch.randperm(len(X)).split(60):
        l = ls(net(X[ix]), Y[ix])
        opt.zero_grad(); l.backward(); opt.step()
        step += 1; tot += l.item()
        decay = min(.98, step / (step + 9))
        with torch.no_grad():
            for a, b in zip(ema.parameters(), net.parameters()): a.lerp_(b, 1 - decay)
    with torch.no_grad():
        acc = lambda m, x, y: (m(x).argmax(1) == y).float().mean().item()
        net.eval()
        print(f"[{epoch}] loss {tot/60:.3f} valid raw {acc(net, VX, VY):.3f} ema {acc(ema, VX, VY):.3f} (train ema {acc(ema, X, Y):.3f})")
