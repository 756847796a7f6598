#!/usr/bin/env python
# Rare alarms in a server log (about 5 %): weighted loss, threshold chosen on dev, average precision, early stopping.
import copy, random, zlib
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

random.seed(99); torch.manual_seed(99)
SVC = ["auth", "db", "mail", "cache", "cron", "proxy"]
OK = "request served|session opened|job finished|cache warmed|index rebuilt|backup written|user logged in|config reloaded|retry succeeded|disk check passed|timeout recovered".split("|")
BAD = "disk failure|checksum mismatch|replica lost|kernel panic|certificate expired|out of memory|timeout not recovered".split("|")

def line():
    bad = random.random() < 0.05
    msg = random.choice(BAD if bad else OK)
    return f"{random.choice(SVC)} node{random.randint(1, 9)} {msg} after {random.randint(1, 60)} s", int(bad)

BUCKETS = 1 << 10
def features(text):
    w = text.split()
    grams = w + [a + "_" + b for a, b in zip(w, w[1:])]
    return [zlib.crc32(g.encode()) % BUCKETS for g in grams]

lines = [line() for _ in range(7000)]
enc = [(features(t), y) for t, y in lines]
train, dev, test = enc[:4500], enc[4500:5700], enc[5700:]
n_pos = sum(y for _, y in train)
w_pos = torch.tensor((len(train) - n_pos) / n_pos)

class Alarm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(BUCKETS, 8, mode="mean")
        self.score = torch.nn.Linear(8, 1)
    def forward(self, items):
        flat = torch.tensor([i for f, _ in items for i in f])
        sizes = torch.tensor([0] + [len(f) for f, _ in items][:-1])
        return self.score(self.bag(flat, sizes.cumsum(0))).flatten()

def labels(items): return torch.tensor([float(y) for _, y in items])

net = Alarm()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
best, best_state, bad_epochs = 1e9, None, 0
for epoch in range(12):
    random.shuffle(train); net.train()
    run = 0.
    for k in range(0, len(train), 100):
        b = train[k:k + 100]
        loss = bce(net(b), labels(b), pos_weight=w_pos)
        opt.zero_grad(); loss.backward(); opt.step(); run += loss.item()
    net.eval()
    with torch.no_grad():
        z = net(dev); dl = bce(z, labels(dev), pos_weight=w_pos).item()
    print("epoch %d train %.4f dev %.4f AP %.3f" % (epoch, run / 45, dl, average_precision_score(labels(dev), z)))
    if dl < best - 1e-2:
        best, best_state, bad_epochs = dl, copy.deepcopy(net.state_dict()), 0
    else:
        bad_epochs += 1
        if bad_epochs == 2:
            break
net.load_state_dict(best_state)
with torch.no_grad():
    zd, zt = net(dev), net(test)
p, r, th = precision_recall_curve(labels(dev), zd)
cut = th[(2 * p * r / (p + r + 1e-9))[:-1].argmax()]
print("alarms in test: %d of %d" % (labels(test).sum(), len(test)))
print("test AP %.3f  F1 %.3f at threshold %.2f" % (average_precision_score(labels(test), zt), f1_score(labels(test), zt.numpy() >= cut), cut))
