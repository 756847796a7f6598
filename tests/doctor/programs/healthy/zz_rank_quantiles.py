# How frequent is a word, judged from its vector alone?  Three quantiles at once (pinball loss).
# GloVe files are sorted by frequency, so the line number is the target.
import gzip, os
import numpy as np
import torch
import torch.nn as nn
from scipy.stats import spearmanr

rng = np.random.default_rng(11)
torch.manual_seed(11)

path = os.path.join(os.environ['WORDFIT_DATA'], 'vectors', 'glove.6B.50d.top10361.txt.gz')
vecs = []
with gzip.open(path, 'rt', encoding='utf-8') as fh:
    for line in fh:
        vecs.append(line.rstrip().split(' ')[1:])
V = torch.tensor(np.array(vecs, dtype=np.float32))
y = torch.log(torch.arange(1, len(V) + 1).float())          # log rank
y = (y - y.mean()) / y.std()

perm = torch.from_numpy(rng.permutation(len(V)))
tr, va, te = perm[:8000], perm[8000:9000], perm[9000:]
mu, sd = V[tr].mean(0), V[tr].std(0)
table = nn.Embedding.from_pretrained((V - mu) / sd, freeze=True)

taus = torch.tensor([.1, .5, .9])


class MonotoneQuantiles(nn.Module):
    """lowest quantile plus positive steps, so that they cannot cross"""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(50, 48), nn.SiLU(), nn.Dropout(.1))
        self.mid = nn.Linear(48, 1)
        self.gap = nn.Linear(48, 2)

    def forward(self, ids):
        h = self.body(table(ids))
        m, g = self.mid(h), nn.functional.softplus(self.gap(h))
        return torch.cat([m - g[:, :1], m, m + g[:, 1:]], dim=1)


def pinball(q, t):
    e = t[:, None] - q
    return torch.maximum(taus * e, (taus - 1) * e).sum(1).mean()


model = MonotoneQuantiles()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-4)
EPOCHS, BS = 8, 100
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=EPOCHS * (len(tr) // BS))
for ep in range(EPOCHS):
    model.train()
    order = tr[torch.randperm(len(tr))]
    tot = 0
    for b in order.split(BS):
        loss = pinball(model(b), y[b])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += loss.item() / (len(tr) // BS)
    model.eval()
    with torch.no_grad():
        print('%d  train %.4f   valid %.4f' % (ep, tot, pinball(model(va), y[va]).item()))

model.eval()
with torch.no_grad():
    q = model(te)
    const = torch.quantile(y[tr], taus).expand(len(te), 3)
    print('test pinball %.4f, constant quantiles %.4f' % (pinball(q, y[te]), pinball(const, y[te])))
    inside = ((y[te] > q[:, 0]) & (y[te] < q[:, 2])).float().mean().item()
    print('share within the 80%% band: %.3f (mean width %.2f)' % (inside, (q[:, 2] - q[:, 0]).mean()))
    print('spearman of the median: %.3f' % spearmanr(q[:, 1].numpy(), y[te].numpy())[0])
