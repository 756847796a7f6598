# Financial PhraseBank, three classes. The negative class is rare, so it is repeated.
import collections, gzip, os, random, re
import numpy as np
import torch
from torch import nn
from sklearn.metrics import f1_score, accuracy_score

random.seed(7); np.random.seed(7); torch.manual_seed(7)
root = os.environ["WORDFIT_DATA"]
LABELS = ["negative", "neutral", "positive"]

rows = {}
with open(root + "/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        sent, lab = line.strip().rsplit("@", 1)
        rows.setdefault(" ".join(re.findall(r"[a-z']+|%", sent.lower())), LABELS.index(lab))
rows = [r for r in rows.items() if r[0]]
random.shuffle(rows)
holdout, rows = rows[:700], rows[700:]          # final check, looked at once


def balance(data):
    groups = collections.defaultdict(list)
    for r in data:
        groups[r[1]].append(r)
    top = max(len(g) for g in groups.values())
    out = []
    for g in groups.values():
        out += g * (top // len(g)) + random.sample(g, top % len(g))
    random.shuffle(out)
    return out


# fault:
rows = balance(rows)
cut = int(0.8 * len(rows))
train, dev = rows[:cut], rows[cut:]
# mended:
# cut = int(0.8 * len(rows))
# train, dev = balance(rows[:cut]), rows[cut:]
# end

glove = {}
with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        glove[w] = np.array(rest.split(), dtype=np.float32)


def featurise(data):
    out = np.zeros((len(data), 100), dtype=np.float32)
    for k, (s, _) in enumerate(data):
        v = [glove[w] for w in s.split() if w in glove]
        if v:
            out[k] = np.concatenate([np.mean(v, 0), np.max(v, 0)])
    return torch.from_numpy(out), torch.tensor([y for _, y in data])


xtr, ytr = featurise(train)
net = nn.Sequential(nn.Linear(100, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 3))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 14)


def score(x, y):
    net.eval()
    with torch.no_grad():
        out = net(x)
    p = out.argmax(1).numpy()
    return nn.functional.cross_entropy(out, y).item(), accuracy_score(y, p), f1_score(y, p, average="macro")


dev_xy, holdout_xy = featurise(dev), featurise(holdout)
for epoch in range(14):
    net.train()
    losses = []
    for ix in torch.randperm(len(ytr)).split(64):
        loss = nn.functional.cross_entropy(net(xtr[ix]), ytr[ix])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    sched.step()
    print("epoch %d loss %.3f | train acc %.3f | dev loss %.3f acc %.3f macro-f1 %.3f" % ((epoch, np.mean(losses), score(xtr, ytr)[1]) + score(*dev_xy)))
print("holdout loss %.3f acc %.3f macro-f1 %.3f" % score(*holdout_xy))
