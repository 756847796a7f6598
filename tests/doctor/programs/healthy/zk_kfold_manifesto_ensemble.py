"""Five-fold cross-validated ensemble for quasi-sentences of party manifestos (7 policy domains)."""
import numpy as np
import torch
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

rng = np.random.default_rng(77)
DOMAINS = ["foreign", "democracy", "government", "economy", "welfare", "fabric", "groups"]
V, K = 400, len(DOMAINS)
share = np.array([.10, .12, .12, .24, .24, .10, .08])
topic_words = np.array([np.r_[np.zeros(30 * k), np.ones(30), np.zeros(V - 30 * k - 30)] / 30 for k in range(K)])
common = rng.dirichlet(np.full(V, 0.3))


def sentence():
    k = rng.choice(K, p=share)
    probs = 0.28 * topic_words[k] + 0.72 * common
    return rng.choice(V, size=rng.integers(12, 28), p=probs), k


docs, labels = zip(*[sentence() for _ in range(1900)])
counts = np.zeros((len(docs), V), dtype=np.float32)
for r, d in enumerate(docs):
    np.add.at(counts[r], d, 1)
labels = np.array(labels)
pool, test = np.arange(1500), np.arange(1500, 1900)
idf = np.log(len(pool) / (1 + (counts[pool] > 0).sum(0))).clip(min=0).astype(np.float32)
feats = np.log1p(counts) * idf
feats /= np.linalg.norm(feats, axis=1, keepdims=True) + 1e-8
X, y = torch.from_numpy(feats), torch.from_numpy(labels)


def fit(train_idx, seed):
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(V, 32), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(32, K))
    weight = torch.tensor(len(train_idx) / (K * np.bincount(labels[train_idx], minlength=K)), dtype=torch.float32)
    opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-3)
    for _ in range(4):
        net.train()
        for b in torch.from_numpy(rng.permutation(train_idx)).split(40):
            opt.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(X[b]), y[b], weight=weight, label_smoothing=0.05)
            loss.backward()
            opt.step()
    return net.eval(), loss.item()


members, oof = [], np.zeros(len(pool), dtype=int)
for fold, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(pool, labels[pool])):
    net, last = fit(pool[tr], seed=fold)
    with torch.no_grad():
        fit_acc = (net(X[pool[tr]]).argmax(1).numpy() == labels[pool[tr]]).mean()
        oof[va] = net(X[pool[va]]).argmax(1).numpy()
    members.append(net)
    print(f"fold {fold}: last loss {last:.3f}, train acc {fit_acc:.3f}, "
          f"val acc {(oof[va] == labels[pool[va]]).mean():.3f}")
with torch.no_grad():
    p = torch.stack([m(X[test]).softmax(-1) for m in members]).mean(0).argmax(1).numpy()
print("out of fold macro F1 %.3f" % f1_score(labels[pool], oof, average="macro"))
print("test: ensemble acc %.3f, macro F1 %.3f, majority %.3f" % (
    (p == labels[test]).mean(), f1_score(labels[test], p, average="macro"), np.bincount(labels[test]).max() / len(test)))
