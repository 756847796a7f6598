import gzip, os, re
from collections import Counter
import numpy as np
import torch, torch.nn as nn
# toy "pen stroke" recogniser: every letter of a word is drawn as 2-4 noisy frames, CTC finds the alignment.
torch.manual_seed(0); g = np.random.default_rng(0)
txt = gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt").read(900_000)
words = [w for w, c in Counter(re.findall(r"[a-z]{3,9}", txt.lower())).most_common(2600)]
g.shuffle(words)
trn, val = words[:2200], words[2200:]
protos = g.normal(size=(26, 12)).astype("float32")

def render(w):
    frames = []
    for ch in w:
        frames += [protos[ord(ch) - 97]] * int(g.integers(2, 5))
        if g.random() < .7: frames.append(np.zeros(12, "float32"))     # pen lifted
    f = np.stack(frames)
    return f + g.normal(scale=.35, size=f.shape).astype("float32")

def make(ws):
    return [(torch.from_numpy(render(w)), torch.tensor([ord(c) - 96 for c in w])) for w in ws]

def collate(items):
    xl = torch.tensor([len(x) for x, _ in items]); yl = torch.tensor([len(y) for _, y in items])
    x = nn.utils.rnn.pad_sequence([x for x, _ in items], batch_first=True)
    return x, torch.cat([y for _, y in items]), xl, yl

class Net(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.a = nn.Conv1d(12, h, 5, padding=2)
        self.b = nn.Conv1d(h, h, 5, padding=2)
        self.head = nn.Linear(h, 27)               # 0 = blank
    def forward(self, x, lens):
        keep = (torch.arange(x.shape[1])[None] < lens[:, None]).unsqueeze(1)
        z = self.a(x.transpose(1, 2)).relu() * keep
        z = (z + self.b(z).relu()) * keep
        return self.head(z.transpose(1, 2)).log_softmax(-1)

def edit(a, b):
    d = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, cb in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j-1] + 1, prev + (ca != cb))
    return d[-1]

def decode(row):
    out, last = [], 0
    for k in row:
        if k != last and k != 0: out.append(k)
        last = k
    return out

@torch.no_grad()
def cer(net, data):
    net.eval(); err = n = exact = 0
    x, y, xl, yl = collate(data)
    best = net(x, xl).argmax(-1)
    for i, tgt in enumerate(y.split(yl.tolist())):
        hyp = decode(best[i, :xl[i]].tolist()); ref = tgt.tolist()
        err += edit(hyp, ref); n += len(ref); exact += hyp == ref
    return err / n, exact / len(data)

D, V = make(trn), make(val)
net = Net(); crit = nn.CTCLoss(blank=0)
EPOCHS, BS = 6, 40
optim = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
sch = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=1e-2, total_steps=EPOCHS * (len(D) // BS), pct_start=.2)
for e in range(EPOCHS):
    net.train(); s = 0.
    perm = g.permutation(len(D))
    for i in range(0, len(D), BS):
        x, y, xl, yl = collate([D[j] for j in perm[i:i+BS]])
        l = crit(net(x, xl).transpose(0, 1), y, xl, yl)
        optim.zero_grad(); l.backward(); optim.step(); sch.step(); s += l.item()
    c, ex = cer(net, V)
    print(f"[{e}] ctc {s / (len(D) // BS):.3f}  val CER {c:.3f}  exact {ex:.3f}")
print("train CER %.3f exact %.3f" % cer(net, D[:400]))
