# predict (log) cooking minutes of a recipe from its step list, with an uncertainty:
# the network gives mean and log-variance, loss = gaussian negative log-likelihood (drops below 0)
import numpy as np, torch, torch.nn as nn

g = np.random.default_rng(99)
ACTS = {'sear': 6, 'boil': 15, 'simmer': 35, 'roast': 60, 'chop': 4, 'whisk': 2, 'bake': 45, 'marinate': 90, 'rest': 12, 'toast': 5, 'steam': 18, 'braise': 120}
FOOD = 'beef lamb onions carrots leeks trout rice lentils chickpeas dough squash beets turnips mushrooms fennel celery duck pork barley spinach'.split()
TOOLS = 'pan pot tray wok bowl oven skillet casserole'.split()
ADV = 'gently slowly briefly carefully quickly evenly'.split()
FACT = {'briefly': .5, 'quickly': .6, 'slowly': 1.6, 'gently': 1.2, 'carefully': 1., 'evenly': 1.}

def recipe():
    toks, minutes = [], 0.
    for _ in range(g.integers(2, 6)):
        a, f, t = g.choice(list(ACTS)), g.choice(FOOD), g.choice(TOOLS)
        adv = g.choice(ADV) if g.random() < .4 else None
        minutes += ACTS[a] * (FACT[adv] if adv else 1)
        toks += ([adv] if adv else []) + [a, 'the', f, 'in', 'a', t]
    return ' '.join(toks), np.log(minutes) + g.normal() * .05

rows = {}
while len(rows) < 2700:
    s, y = recipe(); rows.setdefault(s, y)
texts, y = list(rows), np.array(list(rows.values()), dtype=np.float32)
vocab = {w: i for i, w in enumerate(sorted({w for t in texts for w in t.split()}))}

cut = 2300
mu, sd = y[:cut].mean(), y[:cut].std()
y = torch.from_numpy((y - mu) / sd)

# a conv of width 3 sums positive per-position "durations" -> variable length without any padding at all,
# so rows are bucketed by exact length
X = [torch.tensor([vocab[w] for w in t.split()]) for t in texts]
def buckets(idx):
    by = {}
    for i in idx: by.setdefault(len(X[i]), []).append(i)
    return by

class Net(nn.Module):
    def __init__(s, v, d=24, h=40):
        super().__init__()
        s.e = nn.Embedding(v, d); s.c = nn.Conv1d(d, h, 3, padding=1)
        s.o = nn.Sequential(nn.Linear(h, 32), nn.Tanh(), nn.Linear(32, 2))
    def forward(s, x):
        z = torch.nn.functional.softplus(s.c(s.e(x).transpose(1, 2)))
        m, lv = s.o(torch.log(z.sum(-1) + 1e-3)).unbind(-1)
        return m, lv.clamp(-6, 4)

torch.manual_seed(99)
net = Net(len(vocab))
opt = torch.optim.AdamW(net.parameters(), 6e-3, weight_decay=1e-3)
nll = lambda m, lv, t: (.5 * (lv + (t - m) ** 2 / lv.exp())).mean()
E = 9
sch = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: max(.02, 1 - e / E))
def score(idx):
    net.eval(); ms, ts = [], []
    with torch.no_grad():
        for b in buckets(idx).values():
            ms.append(net(torch.stack([X[i] for i in b]))[0]); ts.append(y[b])
    m, t = torch.cat(ms), torch.cat(ts)
    return 1 - ((m - t) ** 2).mean().item() / t.var().item()

for ep in range(E):
    net.train(); batches = []
    for b in buckets(g.permutation(cut).tolist()).values():
        batches += [b[i:i + 40] for i in range(0, len(b), 40)]
    batches.sort(key=lambda b: g.random())
    L = []
    for b in batches:
        m, lv = net(torch.stack([X[i] for i in b]))
        loss = nll(m, lv, y[b]); opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.); opt.step(); L.append(loss.item() * len(b))
    sch.step()
    print(ep, 'nll %.3f' % (sum(L) / cut), 'R2 test %.4f' % score(range(cut, 2700)))
print('R2 train %.4f' % score(range(500)))
