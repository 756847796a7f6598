"""Bilinear link scorer (RESCAL) trained with a margin ranking loss only: the score has no absolute scale, just an order.
Prints the pairwise accuracy (= AUC against random false tails) on held-out facts."""
import numpy as np
import torch

rng = np.random.default_rng(2)
torch.manual_seed(2)

ENT, KIND, REL, DIM, MARGIN = 60, 4, 4, 12, 1.0
kind = np.arange(ENT) % KIND
goes_to = np.stack([rng.permutation(KIND) for _ in range(REL)])
possible = np.array([(h, r, t) for h in range(ENT) for r in range(REL) for t in range(ENT)
                     if kind[t] == goes_to[r, kind[h]]])
facts = torch.from_numpy(rng.permutation(possible))
train, test = facts[:2400], facts[2400:3000]
false_tails = torch.ones(ENT, REL, ENT)
false_tails[facts[:, 0], facts[:, 1], facts[:, 2]] = 0

E = (torch.randn(ENT, DIM) * 0.5).requires_grad_()
W = (torch.randn(REL, DIM, DIM) / DIM ** 0.5).requires_grad_()


def score(h, r, t):
    return torch.einsum("bi,bij,bkj->bk", E[h], W[r], E[t])


def pairs(triples, k):
    h, r, t = triples.t()
    neg = torch.multinomial(false_tails[h, r], k, replacement=True)
    s = score(h, r, torch.cat([t[:, None], neg], 1))
    return s[:, :1], s[:, 1:]


@torch.no_grad()
def auc(triples):
    pos, neg = pairs(triples, 20)
    return (pos > neg).float().mean().item()


optim = torch.optim.Adam([{"params": [E], "lr": 1e-2}, {"params": [W], "lr": 1e-2}])
halve = torch.optim.lr_scheduler.MultiStepLR(optim, [6, 8], gamma=0.5)
print(f"start  train {auc(train):.3f} test {auc(test):.3f}")
for epoch in range(10):
    losses = []
    for b in torch.randperm(len(train)).split(50):
        pos, neg = pairs(train[b], 5)
        rank = torch.relu(MARGIN - pos + neg).mean()
        loss = rank + 1e-3 * (E.square().mean() + W.square().mean())
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(rank.item())
    halve.step()
    print(f"epoch {epoch} hinge {np.mean(losses):.4f} train {auc(train):.3f} test {auc(test):.3f}")
