# Climate zone of a garden from its planting list.  Plant vectors come from a big horticulture corpus; our labelled gardens
# name only a part of the catalogue, the shop will see all of it.
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(2)
torch.manual_seed(2)
ZONES, D = 5, 40
CATALOGUE = 700
zone_of = rs.randint(0, ZONES, CATALOGUE)
proto = rs.randn(ZONES, D) * 0.16
with open("plants.txt", "w") as f:
    for i in range(CATALOGUE):
        v = proto[zone_of[i]] + rs.randn(D) * 0.35
        f.write("plant%03d " % i + " ".join("%.5f" % a for a in v) + "\n")

names, mat = [], []
for line in open("plants.txt"):
    w, *v = line.split()
    names.append(w)
    mat.append([float(a) for a in v])
index = {w: i for i, w in enumerate(names)}
pretrained = torch.tensor(mat)

labelled = rs.permutation(CATALOGUE)[:260]
rest = np.setdiff1d(np.arange(CATALOGUE), labelled)


def gardens(pool, n, k=6):
    X, Y = [], []
    by = [pool[zone_of[pool] == z] for z in range(ZONES)]
    for _ in range(n):
        z = rs.randint(ZONES)
        own = rs.choice(by[z], 3, replace=False)
        X.append(np.concatenate([own, rs.choice(pool, k - 3)]))
        Y.append(z)
    return torch.tensor(np.array(X)), torch.tensor(Y)


Xtr, Ytr = gardens(labelled, 6000)
Xa, Ya = gardens(labelled, 600)
Xb, Yb = gardens(rest, 600)


class Zoner(nn.Module):
    def __init__(self):
        super().__init__()
        self.plants = nn.Embedding(CATALOGUE, D)
        self.plants.weight.data.copy_(pretrained)
        self.body = nn.Sequential(nn.Linear(D, 32), nn.Tanh(), nn.Linear(32, ZONES))

    def forward(self, x):
        return self.body(self.plants(x).mean(1))


net = Zoner()
# fault:
opt = torch.optim.Adam([{"params": net.body.parameters(), "lr": 3e-3}, {"params": net.plants.parameters(), "lr": 5e-2}])
# mended:
# opt = torch.optim.Adam([{"params": net.body.parameters(), "lr": 3e-3}, {"params": net.plants.parameters(), "lr": 1e-4}])
# end
crit = nn.CrossEntropyLoss()


def acc(x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


for ep in range(8):
    net.train()
    perm = torch.randperm(len(Xtr))
    s = 0.0
    for b in perm.split(50):
        opt.zero_grad()
        l = crit(net(Xtr[b]), Ytr[b])
        l.backward()
        opt.step()
        s += l.item() * len(b)
    print(f"{ep}: loss {s / len(Xtr):.3f} | gardens of labelled plants {acc(Xa, Ya):.3f} | gardens of other plants {acc(Xb, Yb):.3f}")

with torch.no_grad():
    cos = torch.cosine_similarity(net.plants.weight, pretrained).numpy()
print("cosine to the corpus vectors: labelled plants %.3f, others %.3f" % (cos[labelled].mean(), cos[rest].mean()))
