"""Unnormalised sentence model trained with noise-contrastive estimation. Noise: sentences with i.i.d. unigram words.
The log-partition is a free parameter. Evaluation: does the true sentence have lower energy than a corrupted one?"""
import random, math
import torch
from torch import nn
import torch.nn.functional as F

random.seed(12); torch.manual_seed(12)
DET = "the a this every".split(); PL = "many few these all".split()
NS = "king child sailor wolf merchant singer guard poet nurse miller".split()
NP = [n + "s" for n in NS]
VS = "sleeps laughs waits runs listens argues".split(); VP = "sleep laugh wait run listen argue".split()
TS = "sees helps follows fears calls".split(); TP = "see help follow fear call".split()
ADJ = "old brave silent young clever tired".split(); ADV = "here often loudly again".split()
V = DET + PL + NS + NP + VS + VP + TS + TP + ADJ + ADV
ID = {w: i for i, w in enumerate(V)}
T = 8                                                     # sentences of exactly eight words: no padding at all

def noun(pl):
    return [random.choice(PL if pl else DET)] + random.sample(ADJ, random.choice([0, 1, 2])) + [random.choice(NP if pl else NS)]
def sentence():
    while True:
        pl = random.random() < .5
        s = noun(pl)
        if random.random() < .6:
            s += [random.choice(TP if pl else TS)] + noun(random.random() < .5)
        else:
            s += [random.choice(VP if pl else VS)]
        s += random.sample(ADV, random.choice([0, 1, 2]))
        if len(s) == T: return [ID[w] for w in s]

pool = list({tuple(sentence()) for _ in range(6500)})
random.shuffle(pool)
data = torch.tensor(pool[:4500]); held = torch.tensor(pool[4500:5300])
freq = torch.bincount(data.flatten(), minlength=len(V)).float() + 1
logq = (freq / freq.sum()).log()

def noise(n): return torch.multinomial(logq.exp(), n * T, replacement=True).view(n, T)
def corrupt(x):                                           # replace one word of each sentence by a noise word that differs
    x = x.clone(); r = torch.arange(len(x)); pos = torch.randint(0, T, (len(x),)); old = x[r, pos]
    new = torch.multinomial(logq.exp(), len(x), replacement=True)
    while (new == old).any(): new = torch.where(new == old, torch.multinomial(logq.exp(), len(x), replacement=True), new)
    x[r, pos] = new
    return x

class Energy(nn.Module):
    def __init__(self, d=24, h=40):
        super().__init__()
        self.e = nn.Embedding(len(V), d)
        self.c1 = nn.Conv1d(d, h, 3); self.c2 = nn.Conv1d(h, h, 3)
        self.o = nn.Linear(h * (T - 4), 1)
        self.logz = nn.Parameter(torch.zeros(()))
    def forward(self, x):
        h = F.silu(self.c1(self.e(x).transpose(1, 2)))
        return -self.o(F.silu(self.c2(h)).flatten(1)).squeeze(1)       # energy, any sign
    def log_ratio(self, x): return -self.forward(x) - self.logz        # log p_model / p_noise: the noise density is the base measure

net = Energy(); K = 2
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
EPOCHS = 7; sched = torch.optim.lr_scheduler.LinearLR(opt, 1., .05, total_iters=EPOCHS)

@torch.no_grad()
def report(x):
    g = torch.random.get_rng_state(); torch.manual_seed(99)
    bad = torch.cat([corrupt(x) for _ in range(3)]); good = x.repeat(3, 1)
    rank = (net(good) < net(bad)).float().mean().item(); gap = (net(bad) - net(good)).mean().item()
    torch.random.set_rng_state(g)
    return rank, gap

print("untrained ranking %.3f" % report(held)[0])
for ep in range(EPOCHS):
    s = 0.
    for b in torch.randperm(len(data)).split(100):
        x = data[b]
        n = torch.cat([noise(len(x)), corrupt(x)])                     # far and near noise
        loss = F.softplus(-net.log_ratio(x)).mean() + K * F.softplus(net.log_ratio(n)).mean()
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item() * len(b)
    sched.step()
    r, g = report(held)
    print(f"epoch {ep+1} nce {s/len(data):.4f}  held-out ranking {r:.3f}  energy gap {g:.2f}  log Z {net.logz.item():+.2f}")
print("train ranking %.3f gap %.2f" % report(data[:800]))
