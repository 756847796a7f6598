# Rating prediction from user id, item id and the item's title words (matrix factorisation with biases)
import numpy as np, torch, torch.nn as nn
rng = np.random.default_rng(8); torch.manual_seed(8)
U, I, K = 400, 200, 4
WORDS = [f"w{i}" for i in range(50)]
wvec = rng.normal(0, .45, (50, K))
title = np.stack([rng.choice(50, 4, replace=False) for _ in range(I)])
ivec = wvec[title].sum(1) + rng.normal(0, .15, (I, K))
uvec = rng.normal(0, .6, (U, K))
ub, ib = rng.normal(0, .4, U), rng.normal(0, .4, I)
cells = rng.choice(U * I, 26000, replace=False)
u, i = cells // I, cells % I
r = np.clip(np.round(3.4 + ub[u] + ib[i] + (uvec[u] * ivec[i]).sum(1) + rng.normal(0, .3, len(u))), 1, 5)
u, i, r = torch.tensor(u), torch.tensor(i), torch.tensor(r, dtype=torch.float32)
title = torch.tensor(title)
tr, va = slice(0, 24000), slice(24000, 26000)

class MF(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.user, self.item, self.word = nn.Embedding(U, k), nn.Embedding(I, k), nn.EmbeddingBag(len(WORDS), k, mode="sum")
        for e in (self.user, self.item, self.word):
            nn.init.normal_(e.weight, std=.1)
        self.ub, self.ib = nn.Embedding(U, 1), nn.Embedding(I, 1)
        nn.init.zeros_(self.ub.weight); nn.init.zeros_(self.ib.weight)
        self.mu = nn.Parameter(r[tr].mean())
    def forward(self, u, i):
        q = self.item(i) + self.word(title[i])
        return self.mu + self.ub(u).squeeze(1) + self.ib(i).squeeze(1) + (self.user(u) * q).sum(1)
    def penalty(self, u, i):
        return (self.user(u) ** 2).sum(1).mean() + (self.item(i) ** 2).sum(1).mean() + (self.word(title[i]) ** 2).sum(1).mean() \
            + .3 * (self.ub(u) ** 2).mean() + .3 * (self.ib(i) ** 2).mean()

model = MF()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
def rmse(s):
    with torch.no_grad():
        return (model(u[s], i[s]).clamp(1, 5) - r[s]).square().mean().sqrt().item()
print("rmse of the mean %.4f" % (r[va] - r[tr].mean()).square().mean().sqrt())
for epoch in range(14):
    tot = 0
    for b in torch.randperm(24000).split(256):
        loss = (model(u[b], i[b]) - r[b]).square().mean() + .06 * model.penalty(u[b], i[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    opt.param_groups[0]["lr"] *= .88
    print("epoch %2d loss %.4f rmse train %.4f valid %.4f" % (epoch, tot / 24000, rmse(tr), rmse(va)))
