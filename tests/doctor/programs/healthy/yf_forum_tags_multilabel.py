"""
Multi-label tagging of forum questions (Kaggle "predict tags" style, data generated here)
 - BCEWithLogits with 9 independent labels, some rare
 - max + mean pooling with masks
 - one threshold per label, chosen on VALID, reported on TEST
"""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score

torch.manual_seed(42)
rng = np.random.default_rng(42)

TOPICS = {
    "python": "def lambda pip numpy decorator generator list tuple",
    "sql": "select join index query group table primary transaction",
    "css": "flexbox margin selector grid font padding hover float",
    "git": "commit branch merge rebase stash checkout remote cherry",
    "docker": "container image compose volume registry layer dockerfile port",
    "regex": "match capture lookahead pattern greedy anchor escape token",
    "linux": "bash chmod kernel cron process systemd shell mount",
    "security": "encrypt oauth certificate hash salt injection csrf password",
    "testing": "mock assert fixture coverage unit pytest stub flaky",
}
LABELS = list(TOPICS)
BASE = np.array([.45, .3, .25, .25, .2, .15, .3, .12, .15])
FILL = ("how can i do the with my a to in when using why does not work error help best way what is and of it for this "
        "code problem new old version after before run still getting question simple example answer thanks").split()
words = {l: TOPICS[l].split() for l in LABELS}
vocab = {w: i for i, w in enumerate(["<pad>"] + FILL + [w for l in LABELS for w in words[l]])}


def question():
    y = rng.random(len(LABELS)) < BASE
    if not y.any():
        y[rng.integers(len(LABELS))] = True
    toks = list(rng.choice(FILL, rng.integers(4, 14)))
    for k in np.flatnonzero(y):
        toks += list(rng.choice(words[LABELS[k]], rng.integers(1, 3), replace=False))
    if rng.random() < .3:                                   # a stray word of another topic
        toks.append(rng.choice(words[rng.choice(LABELS)]))
    rng.shuffle(toks)
    return " ".join(toks), y.astype(np.float32)


data = {}
while len(data) < 3600:
    q, y = question()
    data[q] = y
qs, Y = list(data), torch.tensor(np.stack(list(data.values())))
L = max(len(q.split()) for q in qs)
X = torch.zeros(len(qs), L, dtype=torch.long)
for r, q in enumerate(qs):
    ids = [vocab[w] for w in q.split()]
    X[r, :len(ids)] = torch.tensor(ids)
tr, va, te = range(0, 2400), range(2400, 3000), range(3000, 3600)


class Tagger(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.e = nn.Embedding(len(vocab), d, padding_idx=0)
        self.ln = nn.LayerNorm(2 * d)
        self.o = nn.Linear(2 * d, len(LABELS))

    def forward(self, x):
        m = (x > 0).unsqueeze(-1)
        e = self.e(x)
        mx = e.masked_fill(~m, float("-inf")).amax(1)
        mean = (e * m).sum(1) / m.sum(1)
        return self.o(self.ln(torch.cat([mx, mean], 1)))


model = Tagger()
with torch.no_grad():                                        # bias = log odds of the label, as in RetinaNet
    p = Y[tr].mean(0)
    model.o.bias.copy_(torch.log(p / (1 - p)))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.03, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=6, power=1.0)
lossfn = nn.BCEWithLogitsLoss()

for epoch in range(6):
    model.train()
    tot = 0
    for ix in torch.randperm(len(tr)).split(48):
        optimizer.zero_grad()
        loss = lossfn(model(X[ix]), Y[ix])
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(ix)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        zv = model(X[va])
    print(f"epoch {epoch + 1} train bce {tot / len(tr):.4f} valid bce {lossfn(zv, Y[va]).item():.4f} "
          f"micro-F1@0.5 {f1_score(Y[va], zv > 0, average='micro'):.4f}")

grid = torch.linspace(-2, 2, 33)
pv = [max(grid.tolist(), key=lambda t: f1_score(Y[va][:, k], zv[:, k] > t)) for k in range(len(LABELS))]
with torch.no_grad():
    zt = model(X[te])
print("thresholds", [round(t, 2) for t in pv])
print("test micro-F1 %.4f  macro-F1 %.4f  exact match %.4f" % (
    f1_score(Y[te], zt > torch.tensor(pv), average="micro"), f1_score(Y[te], zt > torch.tensor(pv), average="macro"),
    ((zt > torch.tensor(pv)).float() == Y[te]).all(1).float().mean()))
