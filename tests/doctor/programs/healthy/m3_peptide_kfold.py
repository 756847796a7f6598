# In[1]:
# Peptide families from their letters, 3-fold CV, label smoothing and gradient accumulation
import csv
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

torch.manual_seed(77)
random.seed(77)
np.random.seed(77)

# In[2]: make the csv of the assignment
AMINO = "ACDEFGHIKLMNPQRSTVWY"
MOTIF = {"kinase": ["GKS", "DFG"], "zinc": ["CHC", "HCH"], "helix": ["LKE", "EAL"], "membrane": ["VLI", "FWI"], "none": []}
SHARE = {"kinase": 0.2, "zinc": 0.1, "helix": 0.25, "membrane": 0.2, "none": 0.25}
FAMILIES = list(MOTIF)


def peptide(fam):
    s = [random.choice(AMINO) for _ in range(random.randint(14, 30))]
    if MOTIF[fam]:
        for _ in range(2):
            m = random.choice(MOTIF[fam])
            p = random.randint(0, len(s) - 3)
            s[p:p + 3] = m
    return "".join(s)


with open("peptides.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["sequence", "family"])
    done = set()
    for _ in range(2600):
        fam = random.choices(FAMILIES, weights=[SHARE[k] for k in FAMILIES])[0]
        s = peptide(fam)
        if s not in done:
            done.add(s)
            w.writerow([s, fam])

# In[3]: read it
seqs, fams = [], []
with open("peptides.csv", newline="") as f:
    for row in csv.DictReader(f):
        seqs.append(row["sequence"])
        fams.append(FAMILIES.index(row["family"]))
L = max(map(len, seqs))
X = torch.zeros(len(seqs), L, dtype=torch.long)
for i, s in enumerate(seqs):
    X[i, :len(s)] = torch.tensor([AMINO.index(c) + 1 for c in s])
y = torch.tensor(fams)
print(X.shape, np.bincount(fams), FAMILIES)


# In[4]:
class PepCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(21, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 48, 3)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(48, len(FAMILIES))

    def forward(self, x):
        z = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        valid = (x[:, 2:] != 0).unsqueeze(1)
        z = z.masked_fill(~valid, 0.0).amax(2)
        return self.fc(self.drop(z))


ACCUM, MICRO, EPOCHS = 2, 32, 12


@torch.no_grad()
def predict(model, x):
    model.eval()
    out = model(x)
    model.train()
    return out


# In[5]:
oof = np.zeros(len(y), dtype=int)
folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=77)
for k, (tr, va) in enumerate(folds.split(X.numpy(), y.numpy())):
    model = PepCNN()
    opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-3)
    steps = EPOCHS * (len(tr) // (ACCUM * MICRO) + 1)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=steps)
    xt, yt, xv, yv = X[tr], y[tr], X[va], y[va]
    for epoch in range(EPOCHS):
        order = torch.randperm(len(xt))
        chunks = order.split(MICRO)
        opt.zero_grad()
        for n, b in enumerate(chunks):
            loss = F.cross_entropy(model(xt[b]), yt[b], label_smoothing=0.05)
            (loss / ACCUM).backward()
            if (n + 1) % ACCUM == 0 or n + 1 == len(chunks):
                opt.step()
                sched.step()
                opt.zero_grad()
        if epoch % 4 == 1:
            pv, pt = predict(model, xv), predict(model, xt)
            print(f"fold {k} ep {epoch} train ce {F.cross_entropy(pt, yt):.3f} acc {(pt.argmax(1) == yt).float().mean():.3f}"
                  f" | valid ce {F.cross_entropy(pv, yv):.3f} acc {(pv.argmax(1) == yv).float().mean():.3f}")
    oof[va] = predict(model, xv).argmax(1).numpy()

# In[6]:
acc = (oof == y.numpy()).mean()
print(f"out-of-fold accuracy {acc:.4f} macro f1 {f1_score(y.numpy(), oof, average='macro'):.4f} majority {np.bincount(fams).max() / len(fams):.3f}")
