"""ComplEx (Trouillon 2016) on a block-structured graph; sparse entity gradients, two optimisers."""
import torch
from sklearn.metrics import roc_auc_score

torch.manual_seed(8)
N, C, R, K = 240, 12, 6, 16
cluster = torch.arange(N) % C
maps = torch.stack([torch.randperm(C) for _ in range(R)])
members = torch.stack([(cluster == c).nonzero().flatten() for c in range(C)])     # (C, N/C)

# every (head, relation) points to some members of one target cluster
all_h = torch.arange(N).repeat_interleave(R)
all_r = torch.arange(R).repeat(N)
target = maps[all_r, cluster[all_h]]
tails = torch.stack([members[c][torch.randperm(N // C)[:6]] for c in target])
triples = torch.stack([all_h.repeat_interleave(6), all_r.repeat_interleave(6), tails.flatten()], 1)
triples = triples[torch.randperm(len(triples))]
test, train = triples[:800], triples[800:]
print("triples", len(train), len(test))


class ComplEx(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.ent = torch.nn.Embedding(N, 2 * K, sparse=True)
        self.rel = torch.nn.Embedding(R, 2 * K)
        for e in (self.ent, self.rel):
            torch.nn.init.normal_(e.weight, std=0.3)

    def forward(self, h, r, t):
        h, r, t = (torch.view_as_complex(e.unflatten(-1, (K, 2))) for e in (self.ent(h), self.rel(r), self.ent(t)))
        return torch.einsum("...k,...k,...k->...", h, r, t.conj()).real


def corrupt(t):
    """replace the tail by an entity of another cluster, so that negatives are really false"""
    shift = torch.randint(1, C, t.shape)
    return members[(cluster[t] + shift) % C, torch.randint(0, N // C, t.shape)]


def auc(model, tr):
    with torch.no_grad():
        h, r, t = tr.T
        s = torch.cat([model(h, r, t), model(h, r, corrupt(t))])
    y = torch.cat([torch.ones(len(tr)), torch.zeros(len(tr))])
    return roc_auc_score(y.numpy(), s.numpy())


net = ComplEx()
opt_e = torch.optim.SparseAdam(net.ent.parameters(), lr=0.02)
opt_r = torch.optim.Adam(net.rel.parameters(), lr=0.02)
softplus = torch.nn.functional.softplus
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(len(train)).split(128):
        h, r, t = train[b].T
        neg = corrupt(t.expand(4, -1))
        pos_s, neg_s = net(h, r, t), net(h.expand(4, -1), r.expand(4, -1), neg)
        # logistic loss, label +1 / -1
        loss = softplus(-pos_s).mean() + softplus(neg_s).mean()
        opt_e.zero_grad(); opt_r.zero_grad()
        loss.backward()
        opt_e.step(); opt_r.step()
        total += loss.item() * len(b)
    print(f"epoch {epoch} loss {total / len(train):.4f} AUC train {auc(net, train[:800]):.4f} test {auc(net, test):.4f}")
