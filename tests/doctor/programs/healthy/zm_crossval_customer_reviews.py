# 5-fold cross-validation on the customer review corpus (Hu & Liu), word2vec averages + small MLP
import gzip, os, re, random
import numpy as np
import torch, torch.nn as nn
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import accuracy_score, f1_score

random.seed(7); np.random.seed(7); torch.manual_seed(7)
DATA = os.environ["WORDFIT_DATA"]

texts, labels = [], []
for y, name in enumerate(["custrev.neg", "custrev.pos"]):
    with open(os.path.join(DATA, "sentiment/CR", name), encoding="latin-1") as fh:
        for line in fh:
            texts.append(re.findall(r"[a-z]+(?:'[a-z]+)?", line.lower().replace(" '", "'")))
            labels.append(y)
wanted = {w for t in texts for w in t}

# the vectors come with a "rows columns" line on top
w2i, rows = {}, []
with gzip.open(os.path.join(DATA, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), "rt", encoding="utf8") as fh:
    n, dim = map(int, fh.readline().split())
    for line in fh:
        word, rest = line.split(" ", 1)
        if word in wanted and word not in w2i:
            w2i[word] = len(rows)
            rows.append(np.array(rest.split(), dtype=np.float32))
W = torch.from_numpy(np.stack(rows))
print(f"{len(w2i)} of {len(wanted)} types have a vector ({dim}d)")

ids = [[w2i[w] for w in t if w in w2i] for t in texts]
keep = [i for i in range(len(ids)) if ids[i]]
X = [torch.tensor(ids[i]) for i in keep]
y = np.array([labels[i] for i in keep])
print("reviews", len(X), "positive share %.3f" % y.mean())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(W, freeze=True, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(dim, 48), nn.Tanh(), nn.Dropout(0.4), nn.Linear(48, 2))

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets))


def collate(rows):
    flat = torch.cat(rows)
    off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return flat, off


def predict(net, idx):
    net.eval()
    with torch.no_grad():
        return net(*collate([X[i] for i in idx])).argmax(1).numpy()


accs, f1s = [], []
for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=3).split(X, y), 1):
    net = Net()
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=6e-3, weight_decay=0.02)
    epochs = 3
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=epochs)
    for ep in range(epochs):
        net.train()
        tot = 0.
        perm = np.random.permutation(tr)
        for b in range(0, len(perm), 50):
            idx = perm[b:b + 50]
            loss = nn.functional.cross_entropy(net(*collate([X[i] for i in idx])), torch.as_tensor(y[idx]))
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(idx)
        sched.step()
    p = predict(net, te)
    accs.append(accuracy_score(y[te], p)); f1s.append(f1_score(y[te], p, average="macro"))
    print(f"fold {fold}: train loss {tot / len(tr):.3f} train acc {accuracy_score(y[tr], predict(net, tr)):.3f}"
          f"  test acc {accs[-1]:.3f} macro-F1 {f1s[-1]:.3f}")
print("CV accuracy %.3f +- %.3f, macro-F1 %.3f (majority %.3f)" % (np.mean(accs), np.std(accs), np.mean(f1s), y.mean()))
