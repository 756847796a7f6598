# Implicit feedback: which articles does a reader click? Matrix factorisation with BPR (Rendle 2009), sparse updates for the tables.
import numpy as np, torch
from torch import nn
rng = np.random.default_rng(17); torch.manual_seed(17)
U, I, K_TRUE, D = 500, 300, 4, 8
taste = rng.dirichlet([.35] * K_TRUE, size=U); topic = rng.dirichlet([.2] * K_TRUE, size=I); pop = rng.normal(scale=.5, size=I)
logit = 6 * taste @ topic.T + pop + rng.gumbel(scale=.6, size=(U, I))       # readers click their top 40
clicks = np.argsort(-logit, 1)[:, :40]
train_pairs, test_pairs = [], []
for u in range(U):
    c = rng.permutation(clicks[u])
    test_pairs += [(u, i) for i in c[:6]]
    train_pairs += [(u, i) for i in c[6:]]
train_pairs = torch.tensor(np.array(train_pairs)); test_pairs = np.array(test_pairs)
pos = torch.zeros(U, I, dtype=torch.bool); pos[train_pairs[:, 0], train_pairs[:, 1]] = True
held = torch.zeros(U, I, dtype=torch.bool); held[test_pairs[:, 0], test_pairs[:, 1]] = True

class MF(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(U, D, sparse=True); self.item = nn.Embedding(I, D, sparse=True)
        self.bias = nn.Embedding(I, 1, sparse=True)
        nn.init.normal_(self.user.weight, std=.1); nn.init.normal_(self.item.weight, std=.1); nn.init.zeros_(self.bias.weight)
    def forward(self, u, i): return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)
    def l2(self, u, *items):
        return self.user(u).pow(2).sum(1).mean() + sum(self.item(i).pow(2).sum(1).mean() for i in items)

model = MF(); opt = torch.optim.SparseAdam(list(model.parameters()), lr=.02)

def negatives(u):
    j = torch.randint(0, I, u.shape)
    while (bad := pos[u, j]).any(): j = torch.where(bad, torch.randint(0, I, u.shape), j)
    return j

@torch.no_grad()
def metrics(target, exclude):
    """mean over users of the AUC and of recall@20; the items in exclude are not ranked"""
    s = model.user.weight @ model.item.weight.T + model.bias.weight.T
    s = s.masked_fill(exclude, -1e9)
    auc, rec = [], []
    for u in range(U):
        p, n = s[u][target[u]], s[u][~target[u] & ~exclude[u]]
        auc.append((p[:, None] > n[None]).float().mean().item())
        rec.append(target[u][s[u].topk(20).indices].float().sum().item() / min(20, target[u].sum().item()))
    return np.mean(auc), np.mean(rec)

EPOCHS = 8
print("random: AUC %.3f recall@20 %.3f" % metrics(held, pos))
for ep in range(EPOCHS):
    opt.param_groups[0]["lr"] = .02 * (1 - ep / EPOCHS)
    tot = 0.
    for b in torch.randperm(len(train_pairs)).split(512):
        u, i = train_pairs[b].T; j = negatives(u)
        loss = -nn.functional.logsigmoid(model(u, i) - model(u, j)).mean() + 8e-3 * model.l2(u, i, j)
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() * len(b)
    print("epoch %d bpr %.4f held-out AUC %.3f recall@20 %.3f" % (ep, tot / len(train_pairs), *metrics(held, pos)))
print("train clicks: AUC %.3f recall@20 %.3f" % metrics(pos, held))
