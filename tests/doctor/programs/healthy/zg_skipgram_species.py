"""word2vec-style skip-gram with negative sampling over OTU co-occurrence lists; no labels in training.
Judged by how well nearest neighbours share the (held back) habitat, and by held-out pair AUC."""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.RandomState(55)
torch.manual_seed(55)
HABITATS, PER, K = 6, 25, 8
V = HABITATS * PER
habitat = np.repeat(np.arange(HABITATS), PER)
weight = rng.gamma(2.0, size=V)


def site():
    p = weight * np.where(habitat == rng.randint(HABITATS), 1.0, 0.03)
    return rng.choice(V, 8, replace=False, p=p / p.sum())


def pairs(n):
    out = [(a, b) for s in (site() for _ in range(n)) for a in s for b in s if a != b]
    return torch.tensor(np.array(out))


train, dev = pairs(350), pairs(80)
unigram = torch.bincount(train[:, 1], minlength=V).float() ** 0.75
W_in = torch.nn.Parameter(torch.randn(V, K) * 0.1)
W_out = torch.nn.Parameter(torch.randn(V, K) * 0.1)
opt = torch.optim.Adam([W_in, W_out], lr=0.02)


def auc():
    with torch.no_grad():
        pos = (W_in[dev[:, 0]] * W_out[dev[:, 1]]).sum(1)
        fake = torch.multinomial(unigram, len(dev), replacement=True)
        neg = (W_in[dev[:, 0]] * W_out[fake]).sum(1)
        return (pos[:, None] > neg[None, ::10]).float().mean().item()


def neighbour_purity():
    with torch.no_grad():
        e = F.normalize(W_in, dim=1)
        sim = e @ e.T
        sim.fill_diagonal_(-1)
        near = sim.topk(5, 1).indices.numpy()
    return (habitat[near] == habitat[:, None]).mean()


print(f"before: purity {neighbour_purity():.3f}")
for epoch in range(6):
    total = 0.0
    for batch in train[torch.randperm(len(train))].split(256):
        c, o = batch.T
        neg = torch.multinomial(unigram, len(c) * 4, replacement=True).view(-1, 4)
        up = F.logsigmoid((W_in[c] * W_out[o]).sum(-1))
        down = F.logsigmoid(-(W_in[c][:, None] * W_out[neg]).sum(-1)).sum(-1)
        loss = -(up + down).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item() * len(c) / len(train)
    print(f"epoch {epoch}: sgns {total:.3f}  held-out pair AUC {auc():.3f}  neighbour purity {neighbour_purity():.3f}")
