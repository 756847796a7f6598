# %% [markdown]
# Opinions on films, pilot: only a few hundred annotated sentences so far. Are News vectors enough to get going?
# %%
import gzip, os, random
import torch, torch.nn as nn, torch.nn.functional as F
DATA = os.environ["WORDFIT_DATA"] + "/"
random.seed(7); torch.manual_seed(7)

# %% sentences
def read(name, y):
    with open(DATA + "sentiment/SST-2-sentences/stsa.binary." + name, encoding="utf-8") as f:
        return [(l[2:].split(), int(l[0])) for l in f if l[0] == str(y)]

def balanced(name, n):
    rows = []
    for y in (0, 1):
        r = read(name, y); random.shuffle(r); rows += r[:n // 2]
    random.shuffle(rows)
    return rows

train, val = balanced("train", 360), balanced("dev", 800)

# %% vectors
need = {w for s, _ in train + val for w in s}
stoi, vecs = {"<pad>": 0}, [[0.0] * 300]
with gzip.open(DATA + "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)                                   # count and width
    for l in f:
        w, _, rest = l.partition(" ")
        if w in need and w not in stoi:
            stoi[w] = len(vecs); vecs.append(list(map(float, rest.split())))
vecs = torch.tensor(vecs)
vecs[1:] = F.normalize(vecs[1:], dim=1)
print("%d of %d word types have a vector" % (len(stoi) - 1, len(need)))

def encode(rows):
    ids = [[stoi[w] for w in s if w in stoi] for s, _ in rows]
    keep = [i for i, x in enumerate(ids) if x]
    L = max(len(ids[i]) for i in keep)
    return torch.tensor([ids[i] + [0] * (L - len(ids[i])) for i in keep]), torch.tensor([rows[i][1] for i in keep])

Xtr, ytr = encode(train); Xva, yva = encode(val)

# %% model
class Opinion(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(*vecs.shape, padding_idx=0)
        self.vectors.weight.data.copy_(vecs)
        # fault:
        self.vectors.weight.requires_grad = True
        # mended:
        # self.vectors.weight.requires_grad = False
        # end
        self.out = nn.Linear(300, 2)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.vectors(x).sum(1) / n)

model = Opinion()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)

# %% train
def scores(X, y):
    model.eval()
    with torch.no_grad():
        z = model(X)
    return F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()

for epoch in range(12):
    model.train()
    for b in torch.randperm(len(ytr)).split(20):
        opt.zero_grad()
        F.cross_entropy(model(Xtr[b]), ytr[b]).backward()
        opt.step()
    print("epoch %2d  train loss %.3f acc %.3f   val loss %.3f acc %.3f" % (epoch + 1, *scores(Xtr, ytr), *scores(Xva, yva)))
