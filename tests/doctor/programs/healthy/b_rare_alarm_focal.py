# Log-line alarms: about 4 % of the lines are incidents.  Focal loss (alpha, gamma), threshold picked on a
# validation part, average precision as the metric.  Templates + random fillers imitate our syslog.
import numpy as np, torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, precision_recall_curve, f1_score

rs = np.random.RandomState(2); torch.manual_seed(2)
NORMAL = ["session opened for user {u}", "disk usage at {n} percent on {h}", "job {n} finished in {n} s", "link {h} up speed {n}",
          "backup of {h} done", "retry {n} for {u} succeeded", "health check {h} ok", "user {u} logged out", "timeout {n} reached retry on {h}"]
BAD = ["disk failure on {h} sector {n}", "out of memory killed job {n}", "link {h} down retry {n} failed", "kernel panic on {h}",
       "backup of {h} failed after {n} s", "timeout {n} reached giving up on {h}"]
def line(bad):
    t = rs.choice(BAD if bad else NORMAL)
    return t.format(u="user%d" % rs.randint(200), n=str(rs.randint(100)), h="host%d" % rs.randint(50)).split()
y = (rs.rand(9000) < 0.04).astype(np.float32)
X = [line(b) for b in y]
y = np.where(rs.rand(9000) < 0.002, 1 - y, y).astype(np.float32)       # a few are mislabelled, as always
norm = lambda w: "<num>" if w.isdigit() else w.rstrip("0123456789")
words = sorted({norm(w) for l in X for w in l}); ix = {w: i + 1 for i, w in enumerate(words)}
L = max(map(len, X))
M = np.zeros((len(X), L), dtype=np.int64)
for i, l in enumerate(X): M[i, :len(l)] = [ix[norm(w)] for w in l]
M, Y = torch.from_numpy(M), torch.from_numpy(y)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words) + 1, 12, padding_idx=0)
        self.c = nn.Conv1d(12, 24, 2)
        self.o = nn.Linear(24, 1)
        nn.init.constant_(self.o.bias, -np.log(0.96 / 0.04))            # prior, as in RetinaNet
    def forward(self, x):
        return self.o(torch.relu(self.c(self.e(x).transpose(1, 2))).max(-1).values).squeeze(-1)

def focal(z, t, alpha=0.75, gamma=2.0):
    ce = nn.functional.binary_cross_entropy_with_logits(z, t, reduction="none")
    p = torch.sigmoid(z)
    pt = p * t + (1 - p) * (1 - t)
    return ((alpha * t + (1 - alpha) * (1 - t)) * (1 - pt) ** gamma * ce).sum() / t.sum().clamp(min=1)

net = Net(); opt = torch.optim.Adam(net.parameters(), lr=2e-3)
tr, va, te = slice(0, 6000), slice(6000, 7500), slice(7500, 9000)
def probs(s):
    net.eval()
    with torch.inference_mode(): return net(M[s]).sigmoid().numpy()
for ep in range(4):
    net.train(); tot = []
    for b in torch.randperm(6000).split(64):
        opt.zero_grad(); l = focal(net(M[b]), Y[b]); l.backward(); opt.step(); tot.append(l.item())
    print(f"{ep} focal {np.mean(tot):.4f} AP train {average_precision_score(y[tr], probs(tr)):.3f} valid {average_precision_score(y[va], probs(va)):.3f}")
pr, rc, th = precision_recall_curve(y[va], probs(va))
cut = th[np.argmax(2 * pr[:-1] * rc[:-1] / (pr[:-1] + rc[:-1] + 1e-9))]
print("threshold %.3f test F1 %.3f AP %.3f (share of positives %.3f)" % (cut, f1_score(y[te], probs(te) > cut), average_precision_score(y[te], probs(te)), y[te].mean()))
