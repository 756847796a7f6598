"""3-fold ensemble on SST-2 phrases with frozen Twitter GloVe vectors. Only a small gate and a linear layer are trained,
evaluation uses an exponential moving average of the weights; hold-out score on the official dev file."""
import copy, gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.model_selection import StratifiedKFold

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(2); np.random.seed(2)


def tsv(path, limit=None, min_len=1):
    X, y = [], []
    with open(os.path.join(D, path), encoding="utf-8") as f:
        next(f)
        for line in f:
            s, l = line.rstrip("\n").split("\t")
            if len(s.split()) >= min_len:
                X.append(s.split()); y.append(int(l))
            if limit and len(X) == limit:
                break
    return X, np.array(y)


train_x, train_y = tsv("glue/SST-2/train.tsv", 4000, 4)
test_x, test_y = tsv("glue/SST-2/dev.tsv")
joined = {" ".join(t) for t in test_x}
keep = [i for i, t in enumerate(train_x) if " ".join(t) not in joined]
train_x, train_y = [train_x[i] for i in keep], train_y[keep]
need = {w for t in train_x + test_x for w in t}
words, rows = ["<pad>"], [np.zeros(50, "f4")]
with gzip.open(os.path.join(D, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in need:
            v = np.array(rest.split(), dtype="f4")
            if v.shape == (50,):
                words.append(w); rows.append(v)
table = torch.from_numpy(np.stack(rows))
index = {w: i for i, w in enumerate(words)}


def encode(X, T=24):
    out = torch.zeros(len(X), T, dtype=torch.long)
    for r, toks in enumerate(X):
        ids = [index[w] for w in toks if w in index][-T:]
        out[r, :len(ids)] = torch.tensor(ids, dtype=torch.long)
    return out


class GatedMean(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gate = nn.Linear(50, 1)
        self.hid = nn.Linear(50, 24)
        self.out = nn.Linear(24, 1)
        self.drop = nn.Dropout(.2)

    def forward(self, x):
        m = (x != 0).float().unsqueeze(-1)
        e = self.emb(x)
        g = torch.sigmoid(self.gate(e)) * m
        pooled = (e * g).sum(1) / g.sum(1).clamp(min=1e-6)
        return self.out(self.drop(torch.tanh(self.hid(pooled)))).squeeze(-1)


class EMA:
    def __init__(self, model, decay):
        self.shadow, self.decay = copy.deepcopy(model).eval().requires_grad_(False), decay

    @torch.no_grad()
    def update(self, model, step):
        d = min(self.decay, (1 + step) / (10 + step))
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            if p.requires_grad:
                s.lerp_(p, 1 - d)


X, Y = encode(train_x), torch.from_numpy(train_y).float()
Xt, Yt = encode(test_x), torch.from_numpy(test_y).float()
votes, fold_acc, inside = torch.zeros(len(Xt)), [], []
for k, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=0).split(train_x, train_y)):
    model = GatedMean(table)
    ema = EMA(model, .98)
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1.5e-2, weight_decay=1e-2)
    step = 0
    for epoch in range(4):
        model.train()
        opt.param_groups[0]["lr"] = 1.5e-2 * (1 - epoch / 4)
        mean = 0.
        for idx in np.array_split(np.random.permutation(tr), 50):
            loss = F.binary_cross_entropy_with_logits(model(X[idx]), Y[idx])
            opt.zero_grad(); loss.backward(); opt.step()
            step += 1; mean += loss.item() / 50
            ema.update(model, step)
        print(f"  fold {k} epoch {epoch} loss {mean:.4f}")
    with torch.no_grad():
        acc = lambda x, y: ((ema.shadow(x) > 0).float() == y).float().mean().item()
        fold_acc.append(acc(X[va], Y[va])); inside.append(acc(X[tr], Y[tr]))
        votes += torch.sigmoid(ema.shadow(Xt)) / 3
    print(f"fold {k}: train {inside[-1]:.3f} out-of-fold {fold_acc[-1]:.3f}")
print("mean out-of-fold %.3f, ensemble on dev %.3f, majority %.3f" % (
    np.mean(fold_acc), ((votes > .5).float() == Yt).float().mean().item(), max(test_y.mean(), 1 - test_y.mean())))
