# How long will the delivery take, and how sure are we?  Mean and variance from the order note (GaussianNLL, goes below zero).
import numpy as np, torch
from torch import nn
from sklearn.feature_extraction.text import HashingVectorizer

np.random.seed(17); torch.manual_seed(17)
area = {"centre": .2, "north": .5, "airport": 1.2, "village": 1.6, "campus": .4}
load = {"letter": 0., "box": .2, "sofa": .9, "fridge": 1.0, "piano": 1.5}
spread = {"express": .03, "standard": .12, "cheap": .35}
polite = "please hello ring twice thanks second floor leave at door gate code bell neighbour porch garage back entrance careful dog stairs narrow street call me before noon after five thank you very much".split()

def order():
    a, l, s = (np.random.choice(list(d)) for d in (area, load, spread))
    note = [a, l, s] + list(np.random.choice(polite, np.random.randint(2, 6)))
    np.random.shuffle(note)
    return " ".join(note), area[a] + load[l] + np.random.randn() * spread[s]

notes, hours = zip(*(order() for _ in range(4000)))
X = HashingVectorizer(n_features=512, norm=None, alternate_sign=False, binary=True).transform(notes).toarray().astype("float32")
X, t = torch.from_numpy(X), torch.tensor(hours, dtype=torch.float32)
Xa, ta, Xb, tb = X[:3200], t[:3200], X[3200:], t[3200:]

body = nn.Sequential(nn.Linear(512, 24), nn.SiLU())
mean_head, logvar_head = nn.Linear(24, 1), nn.Linear(24, 1)
params = [*body.parameters(), *mean_head.parameters(), *logvar_head.parameters()]
opt = torch.optim.AdamW(params, lr=1e-2, weight_decay=1e-3)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
crit = nn.GaussianNLLLoss(eps=1e-4)

def predict(x):
    h = body(x)
    return mean_head(h).squeeze(-1), logvar_head(h).squeeze(-1).clamp(-9, 4).exp()

for epoch in range(10):
    for idx in torch.randperm(len(Xa)).split(40):
        mu, var = predict(Xa[idx])
        # first get the mean about right, then let the variance in
        loss = (mu - ta[idx]).square().mean() if epoch < 2 else crit(mu, ta[idx], var)
        opt.zero_grad(); loss.backward(); opt.step()
    sch.step()
    with torch.no_grad():
        (ma, va), (mb, vb) = predict(Xa), predict(Xb)
        print(f"epoch {epoch} nll train {crit(ma, ta, va):.3f} test {crit(mb, tb, vb):.3f} "
              f"R2 {1 - (mb - tb).square().sum() / (tb - tb.mean()).square().sum():.3f}")
with torch.no_grad():
    mb, vb = predict(Xb)
    inside = ((mb - tb).abs() < 1.96 * vb.sqrt()).float().mean()
    kind = [next(s for s in spread if s in n) for n in notes[3200:]]
    for s in spread:
        pick = torch.tensor([k == s for k in kind])
        print(f"  {s:9s} true sd {spread[s]:.2f} said {vb[pick].sqrt().mean():.2f}")
print("within the 95%% interval: %.3f" % inside)
