# Where is this snippet from: Brown corpus, Reuters wire, or an IMDB review?   3-fold ensemble of EMA models, frozen GloVe.
import copy, gzip, os, re
from itertools import islice
import numpy as np
import torch
from torch import nn
from sklearn.model_selection import StratifiedKFold, train_test_split

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(6)

vec = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in islice(f, 6000):
        w, rest = line.split(" ", 1)
        vec[w] = np.fromstring(rest, sep=" ", dtype=np.float32)

def snippets(name, n):
    out = []
    with gzip.open(f"{D}/corpora/{name}.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            words = [w for w in re.findall(r"[a-z]+", re.sub("<.*?>", " ", line[:320]).lower()) if w in vec][:36]
            if len(words) >= 12:
                out.append(" ".join(words))
            if len(out) == n * 2:
                break
    return list(dict.fromkeys(out))[::2][:n]

texts, labels = [], []
for k, name in enumerate(["brown", "reuters-21578-bodies", "imdb-unsup-25k"]):
    part = snippets(name, 800)
    texts += part
    labels += [k] * len(part)
# frozen features, so they are averaged only once
feats = np.stack([np.mean([vec[w] for w in t.split()], axis=0) for t in texts])
y = np.array(labels)
Xd, Xt, yd, yt = train_test_split(feats, y, test_size=0.25, stratify=y, random_state=0)
mu, sd = Xd.mean(0), Xd.std(0)
Xd, Xt = torch.from_numpy((Xd - mu) / sd), torch.from_numpy((Xt - mu) / sd)
yd, yt = torch.from_numpy(yd), torch.from_numpy(yt)

def fit(tr, va):
    net = nn.Sequential(nn.Linear(50, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
    shadow = copy.deepcopy(net).eval().requires_grad_(False)
    opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.02)
    best, keep, bad = 9.0, None, 0
    for epoch in range(12):
        net.train()
        for ix in torch.randperm(len(tr)).split(48):
            loss = nn.functional.cross_entropy(net(Xd[tr][ix]), yd[tr][ix], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
            with torch.no_grad():
                for s, p in zip(shadow.parameters(), net.parameters()):
                    s.lerp_(p, 0.03)
        with torch.no_grad():
            v = nn.functional.cross_entropy(shadow(Xd[va]), yd[va]).item()
        if v < best - 1e-3:
            best, keep, bad = v, copy.deepcopy(shadow.state_dict()), 0
        else:
            bad += 1
            if bad == 2:
                break
    shadow.load_state_dict(keep)
    with torch.no_grad():
        a, b = [(shadow(Xd[i]).argmax(1) == yd[i]).float().mean().item() for i in (tr, va)]
    print(f"  stopped after epoch {epoch}: valid loss {best:.3f}, train acc {a:.3f}, valid acc {b:.3f}")
    return shadow

models = []
for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=1).split(Xd, yd)):
    print("fold", fold)
    models.append(fit(torch.from_numpy(tr), torch.from_numpy(va)))
with torch.no_grad():
    p = sum(m(Xt).softmax(-1) for m in models) / len(models)
print(f"ensemble on {len(yt)} unseen snippets: {(p.argmax(1) == yt).float().mean():.3f}")
