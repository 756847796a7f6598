"""Learned product quantisation of word vectors: 50 floats become 10 codes of 4 bits (5 bytes a word).

Straight-through assignment, codebooks follow by exponential moving averages (no gradient for them at all),
the rotation in front of them is trained by Adam through the reconstruction.
"""
import gzip, os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
f = gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8")
names, rows = [], []
for line in f:
    parts = line.split(" ")
    names.append(parts[0])
    rows.append(list(map(float, parts[1:])))
    if len(rows) == 6000:
        break
f.close()
X = torch.tensor(rows)
X = F.normalize(X - X.mean(0), dim=1) * 7.0
perm = torch.randperm(len(X))
train, test = X[perm[:5000]], X[perm[5000:]]


class PQ(nn.Module):
    def __init__(self, dim=50, groups=10, codes=16, decay=0.95):
        super().__init__()
        self.M, self.K, self.decay = groups, codes, decay
        self.rot = nn.utils.parametrizations.orthogonal(nn.Linear(dim, dim, bias=False), orthogonal_map="cayley")
        self.register_buffer("book", torch.zeros(groups, codes, dim // groups))
        self.register_buffer("count", torch.ones(groups, codes))
        self.register_buffer("total", torch.zeros(groups, codes, dim // groups))

    @torch.no_grad()
    def start(self, x):
        z = self.rot(x[torch.randperm(len(x))[:self.K]]).view(self.K, self.M, -1)
        self.book.copy_(z.transpose(0, 1))
        self.total.copy_(self.book)

    def assign(self, z):                                        # z: (B, M, d)
        d = (z.unsqueeze(2) - self.book.unsqueeze(0)).square().sum(-1)
        return d.argmin(-1)                                     # (B, M)

    @torch.no_grad()
    def follow(self, z, code):
        hot = F.one_hot(code, self.K).float()                   # (B, M, K)
        self.count.mul_(self.decay).add_(hot.sum(0), alpha=1 - self.decay)
        self.total.mul_(self.decay).add_(torch.einsum("bmk,bmd->mkd", hot, z), alpha=1 - self.decay)
        self.book.copy_(self.total / self.count.clamp_min(1e-3).unsqueeze(-1))

    def forward(self, x):
        z = self.rot(x).view(len(x), self.M, -1)
        code = self.assign(z)
        q = self.book[torch.arange(self.M), code]               # (B, M, d)
        if self.training:
            self.follow(z.detach(), code)
        commit = F.mse_loss(z, q)
        st = z + (q - z).detach()
        return st.flatten(1) @ self.rot.weight, commit, code    # an orthogonal map is undone by its transpose


pq = PQ()
pq.start(train)
opt = torch.optim.Adam(pq.parameters(), lr=8e-3)
plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)


@torch.no_grad()
def explained(x):
    pq.eval()
    y, _, code = pq(x)
    return 1 - ((x - y).square().sum() / (x - x.mean(0)).square().sum()).item(), code


print(f"before training: explained {explained(test)[0]:.3f} of the held-out variance")
for epoch in range(8):
    pq.train()
    order, run = torch.randperm(len(train)), 0.0
    for b in order.split(100):
        y, commit, _ = pq(train[b])
        loss = commit                       # through an orthogonal map the reconstruction error *is* the commitment
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b)
    plan.step()
    ev, code = explained(test)
    used = sum(len(set(code[:, m].tolist())) for m in range(pq.M)) / (pq.M * pq.K)
    print(f"epoch {epoch + 1}  error {run / len(train):.4f}  explained train {explained(train)[0]:.3f}  test {ev:.3f}  codes in use {used:.2f}")
