"""Tagging stories: zero to three tags each, most tags absent most of the time. Micro and macro F1."""
import numpy as np, torch
from sklearn.metrics import f1_score
rs = np.random.RandomState(12); torch.manual_seed(12)
TAGS = ["politics", "sport", "health", "weather", "economy", "crime", "culture", "science"]
V, PER = 480, 12                       # 12 tell-tale words for each tag, the rest is common
prior = np.array([.3, .3, .2, .2, .25, .15, .2, .12])
def story():
    y = rs.rand(8) < prior
    words = [t * PER + rs.randint(PER) for t in np.where(y)[0] for _ in range(rs.randint(2, 5))]
    words += list(8 * PER + rs.randint(V - 8 * PER, size=rs.randint(8, 20)))
    if rs.rand() < .2: words.append(rs.randint(8 * PER))
    return sorted(words), y
stories = [story() for _ in range(3600)]
X = torch.zeros(3600, V); Y = torch.zeros(3600, 8)
for i, (w, y) in enumerate(stories):
    X[i, w] = 1; Y[i] = torch.from_numpy(y.astype("float32"))
tr, dv, te = slice(0, 2600), slice(2600, 3000), slice(3000, 3600)
base = Y[tr].mean(0)
net = torch.nn.Sequential(torch.nn.Linear(V, 32), torch.nn.ReLU(), torch.nn.Dropout(.3), torch.nn.Linear(32, 8))
with torch.no_grad(): net[3].bias.copy_(torch.log(base / (1 - base)))      # start at the base rates
opt = torch.optim.RMSprop(net.parameters(), lr=5e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, .5)
for epoch in range(6):
    net.train(); s = 0
    for b in torch.randperm(2600).split(26):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(X[b]), Y[b], reduction="none").sum(1).mean()
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    sched.step()
    net.eval()
    with torch.no_grad(): P = torch.sigmoid(net(X))
    print("epoch %d loss %.3f  micro F1 train %.3f dev %.3f" % (epoch, s / 100,
          f1_score(Y[tr], P[tr] > .5, average="micro", zero_division=0), f1_score(Y[dv], P[dv] > .5, average="micro", zero_division=0)))
print("test: micro %.3f macro %.3f" % (f1_score(Y[te], P[te] > .5, average="micro", zero_division=0),
                                       f1_score(Y[te], P[te] > .5, average="macro", zero_division=0)))
for k, t in enumerate(TAGS):
    print("  %-9s share %.2f said %.2f" % (t, Y[te, k].mean(), (P[te, k] > .5).float().mean()))
