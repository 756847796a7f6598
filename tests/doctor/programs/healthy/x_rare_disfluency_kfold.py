# Detecting utterances with a self-repair. Some 8 % positives -> pos_weight; 3-fold CV; F1 of the rare class.
import random
import torch
from torch import nn

random.seed(77)
SUBJ = "i you we they she he the-boy the-girl".split()
VERB = "want saw took gave need like know found".split()
OBJ = "the-book a-dog some-milk that-ball my-shoe the-car an-apple it".split()
EDIT = "i-mean no-wait sorry rather".split()
FILL = "uh um so well and then you-know like".split()
V = {w: i for i, w in enumerate(["_"] + sorted(set(SUBJ + VERB + OBJ + EDIT + FILL)))}


def utt():
    s, v, o = random.choice(SUBJ), random.choice(VERB), random.choice(OBJ)
    y = random.random() < 0.08
    words = [s, v, o]
    if y:                                   # she saw i-mean she took the-car
        words = [s, v, random.choice(EDIT), s, random.choice(VERB), o]
    for _ in range(random.randint(0, 3)):
        words.insert(random.randint(0, len(words)), random.choice(FILL))
    if not y and random.random() < 0.05:
        words.insert(0, random.choice(EDIT))    # edit term without repair, turn-initial
    return words, float(y)


data = [utt() for _ in range(2400)]
L = max(len(w) for w, _ in data)
X = torch.tensor([[V[w] for w in ws] + [0] * (L - len(ws)) for ws, _ in data])
Y = torch.tensor([y for _, y in data])
print("positives: %d of %d" % (Y.sum(), len(Y)))


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(V), 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, 3, padding=1)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h * (x != 0).unsqueeze(1)
        return self.out(h.amax(-1)).squeeze(-1)


def f1(model, x, y):
    model.eval()
    with torch.no_grad():
        p = model(x) > 0
    tp = (p & (y > 0)).sum().item()
    prec, rec = tp / max(1, p.sum().item()), tp / y.sum().item()
    return prec, rec, 2 * prec * rec / max(1e-9, prec + rec)


folds = torch.arange(len(X)) % 3
scores = []
for k in range(3):
    torch.manual_seed(k)
    tr, te = torch.where(folds != k)[0], torch.where(folds == k)[0]
    model = Detector()
    weight = (len(tr) - Y[tr].sum()) / Y[tr].sum()
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(6):
        model.train()
        total = 0.
        for idx in tr[torch.randperm(len(tr))].split(50):
            opt.zero_grad()
            loss = criterion(model(X[idx]), Y[idx])
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
    scores.append(f1(model, X[te], Y[te])[2])
    print(f"fold {k}: last loss {total / len(tr):.4f}  train F1 {f1(model, X[tr], Y[tr])[2]:.3f}  "
          "test P %.3f R %.3f F1 %.3f" % f1(model, X[te], Y[te]))
print("mean F1 %.3f" % (sum(scores) / 3))
