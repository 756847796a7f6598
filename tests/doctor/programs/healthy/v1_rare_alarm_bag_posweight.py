"""Rare-event text filter: 8 % positives, EmbeddingBag + BCE with pos_weight, threshold chosen on a validation part.
Accuracy says nothing here (92 % for "never"), so average precision and F1 are reported."""
import numpy as np
import torch
from torch import nn
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, recall_score

rng = np.random.default_rng(8)
torch.manual_seed(8)

NORMAL = [f'evt{i}' for i in range(40)]
ALARM = ['oom', 'panic', 'segfault', 'corrupt', 'timeout', 'refused', 'overheat', 'brownout']
CALM = ['recovered', 'retry_ok', 'test_mode']


def log_line():
    words = list(rng.choice(NORMAL, rng.integers(4, 12)))
    n_alarm = rng.choice([0, 1, 2], p=[.72, .18, .10])
    words += list(rng.choice(ALARM, n_alarm))
    calm = rng.random() < .15
    if calm: words.append(rng.choice(CALM))
    rng.shuffle(words)
    return words, float(n_alarm == 2 and not calm)


lines = [log_line() for _ in range(4600)]
tr, va, te = lines[:2800], lines[2800:3700], lines[3700:]
word2id = {w: i for i, w in enumerate(NORMAL + ALARM + CALM)}


def pack(part):
    flat = torch.tensor([word2id[w] for ws, _ in part for w in ws])
    offsets = torch.tensor([0] + [len(ws) for ws, _ in part[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([y for _, y in part])


class LogFilter(nn.Module):
    def __init__(self, n, d=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode='sum')        # counts matter, so a sum and no mean
        self.mlp = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, 1))
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets))[:, 0]


net = LogFilter(len(word2id))
pos = sum(y for _, y in tr)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(tr) - pos) / pos))
print(f'{pos / len(tr):.1%} positives, pos_weight {criterion.pos_weight.item():.1f}')
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [3, 5], gamma=0.3)


def scores(part):
    net.eval()
    with torch.no_grad():
        f, o, y = pack(part)
        return torch.sigmoid(net(f, o)).numpy(), y.numpy()


for epoch in range(5):
    net.train()
    order = rng.permutation(len(tr))
    tot = 0.
    for i in range(0, len(tr), 48):
        f, o, y = pack([tr[j] for j in order[i:i + 48]])
        loss = criterion(net(f, o), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    sched.step()
    print(f'epoch {epoch} weighted loss {tot / len(tr):.3f}  AP train {average_precision_score(*scores(tr)[::-1]):.3f}  val {average_precision_score(*scores(va)[::-1]):.3f}')
p, y = scores(va)
prec, rec, thr = precision_recall_curve(y, p)
t = thr[np.argmax((2 * prec * rec / (prec + rec + 1e-9))[:-1])]
p, y = scores(te)
print(f'test: AP {average_precision_score(y, p):.3f}  F1 {f1_score(y, p >= t):.3f}  recall {recall_score(y, p >= t):.3f}  threshold {t:.2f}')
