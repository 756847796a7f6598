# %% [code]
# Financial news tone, 3-fold CV + fold ensemble.   (notebook exported with jupytext)
import gzip, os, random, re
import numpy as np, torch
import torch.nn as nn
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, train_test_split

ROOT = os.environ["WORDFIT_DATA"]
SEED, MAX_LEN, N_FOLDS, EPOCHS, BS = 2021, 40, 3, 4, 64


def seed_everything(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)


seed_everything(SEED)

# %% [code]
rows, seen = [], set()
for line in open(f"{ROOT}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf8"):
    text, lab = line.strip().rsplit("@", 1)
    if text in seen:
        continue
    seen.add(text)
    rows.append((re.sub(r"\d", "0", text.lower()), ["negative", "neutral", "positive"].index(lab)))
texts = [re.findall(r"[a-z]+|0+|[^\sa-z0]", t) for t, _ in rows]
y = np.array([l for _, l in rows])

emb = {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fh:
    for l in fh:
        p = l.rstrip().split(" ")
        emb[p[0]] = np.asarray(p[1:], "float32")
itos = ["<pad>", "<unk>"] + sorted({w for t in texts for w in t if w in emb})
stoi = {w: i for i, w in enumerate(itos)}
table = np.stack([np.zeros(50, "float32"), np.mean(list(emb.values()), 0)] + [emb[w] for w in itos[2:]])
X = np.zeros((len(texts), MAX_LEN), "int64")
for i, t in enumerate(texts):
    ids = [stoi.get(w, 1) for w in t][:MAX_LEN]
    X[i, : len(ids)] = ids
print("rows", X.shape, "classes", np.bincount(y), "unk rate", round((X == 1).sum() / (X > 0).sum(), 3))

X_tr, X_test, y_tr, y_test = train_test_split(X, y, test_size=800, stratify=y, random_state=SEED)


# %% [code]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # vectors stay as they are: 3k sentences per fold are too few to tune them
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(table), freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, 48)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(98, 3)

    def forward(self, x):
        m = (x > 0).unsqueeze(2)
        e = self.embedding(x)
        top = self.proj(e).relu().masked_fill(~m, 0).amax(1)
        mean = (e * m).sum(1) / m.sum(1).clamp(min=1)
        return self.out(self.drop(torch.cat([top, mean], 1)))


def batches(n, shuffle):
    idx = np.random.permutation(n) if shuffle else np.arange(n)
    for s in range(0, n, BS):
        yield idx[s : s + BS]


def infer(net, A):
    net.eval()
    with torch.no_grad():
        return np.concatenate([net(torch.from_numpy(A[b])).softmax(1).numpy() for b in batches(len(A), False)])


# %% [code]
oof, test_pred = np.zeros((len(X_tr), 3)), np.zeros((len(X_test), 3))
for fold, (ti, vi) in enumerate(StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED).split(X_tr, y_tr)):
    seed_everything(SEED + fold)
    cw = (len(ti) / (3 * np.bincount(y_tr[ti]))) ** 0.5
    crit = nn.CrossEntropyLoss(weight=torch.tensor(cw, dtype=torch.float32), label_smoothing=0.05)
    net = Net()
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
    Xf, yf = X_tr[ti], y_tr[ti]
    for ep in range(EPOCHS):
        net.train()
        tot = 0.0
        for b in batches(len(Xf), True):
            loss = crit(net(torch.from_numpy(Xf[b])), torch.from_numpy(yf[b]))
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b)
        sched.step()
    oof[vi] = infer(net, X_tr[vi])
    test_pred += infer(net, X_test) / N_FOLDS
    print(f"fold {fold} loss {tot/len(Xf):.4f} train acc {(infer(net, Xf).argmax(1)==yf).mean():.3f} "
          f"val acc {(oof[vi].argmax(1)==y_tr[vi]).mean():.3f}")
print("OOF macro F1 %.4f acc %.4f" % (f1_score(y_tr, oof.argmax(1), average="macro"), (oof.argmax(1) == y_tr).mean()))
print("TEST macro F1 %.4f acc %.4f (majority %.3f)" % (f1_score(y_test, test_pred.argmax(1), average="macro"),
      (test_pred.argmax(1) == y_test).mean(), np.bincount(y_test).max() / len(y_test)))
