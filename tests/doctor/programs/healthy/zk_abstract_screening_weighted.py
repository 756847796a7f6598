# Screening of abstracts for a systematic review: 12 % relevant, weighted BCE, threshold tuned on validation.
import random
import zlib

import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

random.seed(42)
torch.manual_seed(42)
METHOD = ["randomised", "placebo", "double-blind", "allocation", "intention-to-treat", "trial", "arm", "blinded"]
OTHER = ["cohort", "survey", "interview", "review", "case", "retrospective", "qualitative", "registry", "model"]
GENERAL = ["patients", "results", "we", "study", "outcome", "treatment", "risk", "age", "data", "group", "effect",
           "years", "clinical", "health", "care", "analysis", "significant", "hospital", "pain", "dose"]
BUCKETS = 512


def abstract():
    rel = random.random() < 0.12
    cue, off = (METHOD, OTHER) if rel else (OTHER, METHOD)
    toks = [random.choice(cue) if random.random() < 0.85 else random.choice(off) for _ in range(random.randint(5, 9))]
    toks += random.choices(GENERAL, k=random.randint(15, 30))
    random.shuffle(toks)
    return toks, float(rel)


def hashed(toks):
    v = torch.zeros(BUCKETS)
    for t in toks:
        v[zlib.crc32(t.encode()) % BUCKETS] = 1.0
    return v


rows = [abstract() for _ in range(4000)]
x = torch.stack([hashed(t) for t, _ in rows])
y = torch.tensor([r for _, r in rows])
train, val, test = slice(0, 2800), slice(2800, 3400), slice(3400, 4000)
pos = y[train].mean()
print(f"relevant: {pos:.3f}")

clf = nn.Linear(BUCKETS, 1)
bce = nn.BCEWithLogitsLoss(pos_weight=(1 - pos) / pos)
opt = torch.optim.Adam(clf.parameters(), lr=1e-2)


@torch.no_grad()
def probs(part):
    clf.eval()
    return clf(x[part]).squeeze(-1).sigmoid().numpy()


best, best_state, patience = 0.0, None, 0
for epoch in range(12):
    clf.train()
    total = 0.0
    for b in torch.randperm(2800).split(64):
        loss = bce(clf(x[train][b]).squeeze(-1), y[train][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    ap = average_precision_score(y[val], probs(val))
    print(f"epoch {epoch:2d} loss {total / 2800:.4f}  val AP {ap:.4f}")
    if ap > best + 5e-4:
        best, patience = ap, 0
        best_state = {k: v.clone() for k, v in clf.state_dict().items()}
    else:
        patience += 1
        if patience == 3:
            break
clf.load_state_dict(best_state)
grid = [i / 50 for i in range(5, 50)]
cut = max(grid, key=lambda t: f1_score(y[val], probs(val) > t))
print(f"threshold {cut:.2f}  train AP {average_precision_score(y[train], probs(train)):.3f}  "
      f"test AP {average_precision_score(y[test], probs(test)):.3f}  test F1 {f1_score(y[test], probs(test) > cut):.3f}")
