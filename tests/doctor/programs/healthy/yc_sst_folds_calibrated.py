"""3-fold cross validation on SST sentences, frozen word2vec, then a temperature fitted on left-out logits."""
import gzip, os
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from sklearn.model_selection import StratifiedKFold

torch.manual_seed(7)
data_dir = os.environ.get("WORDFIT_DATA")


def read(split):
    xs, ys = [], []
    for line in open(f"{data_dir}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        y, s = line.strip().split(" ", 1)
        xs.append(s.split()); ys.append(int(y))
    return xs, np.array(ys)


train_s, train_y = read("train")
pick = np.random.RandomState(0).permutation(len(train_s))[:4500]
train_s, train_y = [train_s[i] for i in pick], train_y[pick]
test_s, test_y = read("dev")
need = {w for s in train_s + test_s for w in s}
index, mat = {}, []
with gzip.open(f"{data_dir}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as fh:
    n, dim = map(int, fh.readline().split())
    for line in fh:
        w, rest = line.split(" ", 1)
        if w in need:
            index[w] = len(mat)
            mat.append(np.fromstring(rest, sep=" ", dtype=np.float32))
mat = torch.from_numpy(np.stack(mat))
mat = mat - mat.mean(0)


def featurise(sents):
    """mean of the known words; a sentence without any stays at the origin"""
    out = torch.zeros(len(sents), dim)
    for i, s in enumerate(sents):
        known = [index[w] for w in s if w in index]
        if known:
            out[i] = mat[known].mean(0)
    return out * 10


X, Xt = featurise(train_s), featurise(test_s)
Y, Yt = torch.from_numpy(train_y).float(), torch.from_numpy(test_y).float()


def fit(idx, held):
    head = nn.Sequential(nn.Dropout(0.6), nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, 1))
    opt = torch.optim.RMSprop(head.parameters(), lr=3e-3, weight_decay=1e-3)
    sch = torch.optim.lr_scheduler.StepLR(opt, 3, 0.2)
    idx = torch.as_tensor(idx)
    for ep in range(6):
        head.train()
        for b in idx[torch.randperm(len(idx))].split(128):
            loss = F.binary_cross_entropy_with_logits(head(X[b]).squeeze(1), Y[b])
            opt.zero_grad(); loss.backward(); opt.step()
        sch.step()
        head.eval()
        with torch.no_grad():
            z = head(X[held]).squeeze(1)
            tr = ((head(X[idx]).squeeze(1) > 0).float() == Y[idx]).float().mean()
        if ep % 2:
            print(f"   ep {ep + 1} loss {loss.item():.3f} train {tr:.3f} held {((z > 0).float() == Y[held]).float().mean():.3f}")
    return head, z


oof = torch.zeros(len(Y))
models = []
for k, (a, b) in enumerate(StratifiedKFold(3, shuffle=True, random_state=1).split(X, train_y)):
    print("fold", k)
    m, z = fit(a, b)
    oof[b] = z
    models.append(m)

log_t = torch.zeros((), requires_grad=True)
topt = torch.optim.LBFGS([log_t], max_iter=30)


def closure():
    topt.zero_grad()
    l = F.binary_cross_entropy_with_logits(oof / log_t.exp(), Y)
    l.backward()
    return l


topt.step(closure)
with torch.no_grad():
    zt = torch.stack([m(Xt).squeeze(1) for m in models]).mean(0) / log_t.exp()
print("temperature %.3f" % log_t.exp().item())
print("out-of-fold acc %.4f" % ((oof > 0).float() == Y).float().mean().item())
print("dev acc %.4f  dev nll %.4f" % (((zt > 0).float() == Yt).float().mean().item(), F.binary_cross_entropy_with_logits(zt, Yt).item()))
