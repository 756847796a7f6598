"""
Metric learning on bags of words: a deep tower and a triplet loss.
Ablation "how deep can the tower be", the run with DEPTH = 10.
Metric: recall@1 of held-out documents against the training documents.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DEPTH, WIDTH, OUT = 10, 48, 16
MARGIN = 0.4
V, C = 200, 10

g = torch.Generator().manual_seed(5)
torch.manual_seed(5)


def documents(n, topics):
    y = torch.randint(C, (n,), generator=g)
    x = torch.zeros(n, V)
    draws = torch.multinomial(topics[y], 40, replacement=True, generator=g)
    x.scatter_add_(1, draws, torch.ones_like(draws, dtype=torch.float))
    return torch.log1p(x), y


topics = torch.distributions.Dirichlet(torch.full((V,), 0.25)).sample((C,))
topics = 0.5 * topics + 0.5 * topics.mean(0)
x_train, y_train = documents(2400, topics)
x_test, y_test = documents(600, topics)
by_class = [torch.nonzero(y_train == c).squeeze(1) for c in range(C)]


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(V, WIDTH)
        self.body = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(DEPTH))
        self.out = nn.Linear(WIDTH, OUT)

    def forward(self, x):
        h = self.inp(x)
        for layer in self.body:
            # fault:
            h = torch.sigmoid(layer(h))
            # mended:
            # h = h + 0.3 * F.relu(layer(h))
            # end
        return F.normalize(self.out(h), dim=-1)


def sample_triplets(anchors):
    ya = y_train[anchors]
    pos = torch.stack([by_class[c][torch.randint(len(by_class[c]), (1,))[0]] for c in ya.tolist()])
    other = (ya + torch.randint(1, C, ya.shape)) % C
    neg = torch.stack([by_class[c][torch.randint(len(by_class[c]), (1,))[0]] for c in other.tolist()])
    return pos, neg


@torch.no_grad()
def recall_at_1(tower):
    gallery, query = tower(x_train), tower(x_test)
    return (y_train[(query @ gallery.T).argmax(1)] == y_test).float().mean().item()


tower = Tower()
opt = torch.optim.Adam(tower.parameters(), lr=1e-3)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10, eta_min=5e-5)
print("recall@1 before training", round(recall_at_1(tower), 3))
for epoch in range(10):
    hist = []
    for anchors in torch.randperm(len(x_train)).split(60):
        p, n = sample_triplets(anchors)
        z = tower(torch.cat([x_train[anchors], x_train[p], x_train[n]]))
        za, zp, zn = z.chunk(3)
        sim_p, sim_n = (za * zp).sum(-1), (za * zn).sum(-1)
        loss = F.relu(MARGIN - sim_p + sim_n).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        hist.append(loss.item())
    cosine.step()
    print(f"epoch {epoch} triplet loss {np.mean(hist):.4f} recall@1 {recall_at_1(tower):.3f}")
