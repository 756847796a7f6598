# Translate 100d GloVe into the 50d space; score by looking up the nearest of all 50d vectors.
import gzip, os
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(0)
V = os.environ["WORDFIT_DATA"] + "/vectors/"

def table(name, n):
    words, m = [], []
    with gzip.open(V + name, "rt", encoding="utf-8") as f:
        for i, line in zip(range(n), f):
            w, *x = line.rstrip("\n").split(" ")
            words.append(w)
            m.append([float(t) for t in x])
    return words, torch.tensor(m)

wa, A = table("glove.6B.100d.top2604.txt.gz", 2604)
wb, B = table("glove.6B.50d.top10361.txt.gz", 2604)
pos = {w: i for i, w in enumerate(wb)}
both = [(i, pos[w]) for i, w in enumerate(wa) if w in pos]
src = A[[i for i, _ in both]]
dst = B[[j for _, j in both]]
perm = torch.randperm(len(both))
train, held = perm[:-500], perm[-500:]
print(len(train), "words to learn from,", len(held), "held out,", len(wb), "candidates")

net = nn.Sequential(nn.Linear(100, 256), nn.ReLU(), nn.Linear(256, 50))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
gold = torch.tensor([j for _, j in both])

def precision(rows, k):
    net.eval()
    with torch.no_grad():
        sim = F.normalize(net(src[rows]), dim=1) @ F.normalize(B, dim=1).T
    return (sim.topk(k, 1).indices == gold[rows, None]).any(1).float().mean().item()

for epoch in range(7):
    net.train()
    tot = 0.0
    for b in train[torch.randperm(len(train))].split(50):
        opt.zero_grad()
        out = net(src[b])
        # fault:
        loss = F.cross_entropy(out, dst[b])
        # mended:
        # loss = F.mse_loss(out, dst[b])
        # end
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    print(f"{epoch:3d} loss {tot / len(train):9.4f}  P@1 {precision(held, 1):.3f}  P@5 {precision(held, 5):.3f}")
