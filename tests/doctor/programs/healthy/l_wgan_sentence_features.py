"""WGAN (weight clipping) over sentence features: the generator learns where captions live in LSA space.

The features are 4 whitened directions of tf-idf + SVD. Judged by a fresh random forest that has to tell generated
from held-out vectors (0.5 = cannot), and by distances of quantiles per direction.
"""
import gzip, os
import numpy as np
import torch
import torch.nn as nn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

torch.manual_seed(11); np.random.seed(11)
Z, N_CRITIC, CLIP = 8, 3, 0.05

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/train.en.gz"), "rt", encoding="utf-8") as f:
    caps = [next(f).strip() for _ in range(2600)]
tfidf = TfidfVectorizer(min_df=5, sublinear_tf=True).fit_transform(caps)
X = TruncatedSVD(5, n_iter=4, random_state=0).fit_transform(tfidf)[:, 1:]      # the first direction is only length
X = torch.tensor((X - X[:1600].mean(0)) / X[:1600].std(0), dtype=torch.float32)
real, held = X[:1600], X[1600:]

G = nn.Sequential(nn.Linear(Z, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 4))
C = nn.Sequential(nn.Linear(4, 64), nn.LeakyReLU(.2), nn.Linear(64, 64), nn.LeakyReLU(.2), nn.Linear(64, 1))
opt_g = torch.optim.RMSprop(G.parameters(), lr=2e-3)
opt_c = torch.optim.RMSprop(C.parameters(), lr=2e-3)


def quantile_gap(a, b):
    q = torch.linspace(.02, .98, 49)
    return (torch.quantile(a, q, dim=0) - torch.quantile(b, q, dim=0)).abs().mean().item()


def spotted(a, b):
    xs = np.concatenate([a.numpy(), b.numpy()])
    ys = np.r_[np.zeros(len(a)), np.ones(len(b))]
    return cross_val_score(RandomForestClassifier(10, min_samples_leaf=5, random_state=0), xs, ys, cv=3).mean()


with torch.no_grad():
    start = G(torch.randn(1000, Z))
print(f"before: quantile gap {quantile_gap(start, held):.3f}")
for it in range(1, 361):
    for _ in range(N_CRITIC):
        xb = real[torch.randint(len(real), (64,))]
        with torch.no_grad():
            fake = G(torch.randn(64, Z))
        loss_c = C(fake).mean() - C(xb).mean()          # is negative when the critic is any good
        opt_c.zero_grad(); loss_c.backward(); opt_c.step()
        with torch.no_grad():
            for p in C.parameters():
                p.clamp_(-CLIP, CLIP)
    loss_g = -C(G(torch.randn(64, Z))).mean()
    opt_g.zero_grad(); loss_g.backward(); opt_g.step()
    if it % 60 == 0:
        with torch.no_grad():
            s = G(torch.randn(1000, Z))
        print(f"it {it:4d}  critic {loss_c.item():+.4f}  generator {loss_g.item():+.4f}  gap {quantile_gap(s, held):.3f}")
    if it == 240:
        for o in (opt_g, opt_c):
            o.param_groups[0]["lr"] *= .15

with torch.no_grad():
    s = G(torch.randn(1000, Z))
print(f"after: quantile gap {quantile_gap(s, held):.3f} (train rows vs held-out: {quantile_gap(real, held):.3f})")
print(f"forest tells generated from held-out: {spotted(s, held):.3f}, train rows from held-out: {spotted(real[:1000], held):.3f}")
