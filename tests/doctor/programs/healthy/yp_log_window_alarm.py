# Alarm on windows of 16 server events. Rare positives (about 8 percent), small Transformer, fixed length.
import random
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

random.seed(31)
torch.manual_seed(31)
EVENTS = ['login_ok', 'login_fail', 'get', 'post', 'cache_miss', 'cache_hit', 'gc', 'timeout', 'retry', 'disk_warn', 'disk_ok',
          'db_slow', 'db_ok', 'logout', 'deploy', 'heartbeat']
EV = {e: i for i, e in enumerate(EVENTS)}
L = 16


def window():
    """An incident has disk_warn and db_slow in one window, and no deploy (planned work)."""
    calm = [e for e in EVENTS if e not in ('disk_warn', 'db_slow', 'deploy')]
    seq = random.choices(calm, k=L)
    spots = random.sample(range(L), 4)
    warn, slow, dep = random.random() < .32, random.random() < .32, random.random() < .2
    if warn:
        seq[spots[0]] = 'disk_warn'
    if slow:
        seq[spots[1]] = 'db_slow'
    if dep:
        seq[spots[2]] = 'deploy'
    return tuple(EV[e] for e in seq), int(warn and slow and not dep)


stock = {}
while len(stock) < 3000:
    s, l = window()
    stock[s] = l
X = torch.tensor(list(stock.keys()))
Y = torch.tensor(list(stock.values())).float()
Xa, Ya, Xb, Yb = X[:2400], Y[:2400], X[2400:], Y[2400:]
print('positives: train %.3f test %.3f' % (Ya.mean(), Yb.mean()))


class Watcher(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tok = nn.Embedding(len(EVENTS), d)
        self.pos = nn.Parameter(torch.randn(L + 1, d) * .02)
        self.cls = nn.Parameter(torch.randn(d) * .1)
        layer = nn.TransformerEncoderLayer(d, 2, 48, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 1, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.head = nn.Linear(d, 1)

    def forward(self, x):
        z = torch.cat([self.cls.expand(len(x), 1, -1), self.tok(x)], 1) + self.pos
        return self.head(self.body(z)[:, 0]).squeeze(1)


net = Watcher()
weight = (1 - Ya.mean()) / Ya.mean()
bce = nn.BCEWithLogitsLoss(pos_weight=weight.sqrt())
total = 4 * 48
opt = torch.optim.Adam(net.parameters(), lr=4e-3, betas=(.9, .98))
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, max(0.02, 1 - s / total)))


def scores(x, y):
    net.eval()
    with torch.inference_mode():
        p = torch.sigmoid(net(x))
    return f1_score(y, p > .5, zero_division=0), average_precision_score(y, p)


for epoch in range(4):
    net.train()
    run = []
    for ix in torch.randperm(len(Xa)).split(50):
        loss = bce(net(Xa[ix]), Ya[ix])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step()
        warm.step()
        run.append(loss.item())
    print('epoch', epoch, 'loss %.4f' % (sum(run) / len(run)), 'test F1 %.3f AP %.3f' % scores(Xb, Yb))
print('train F1 %.3f AP %.3f' % scores(Xa, Ya))
