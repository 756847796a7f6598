# item2vec on loot bundles.  Skip-gram with negatives, gradients written out by hand (port of a C++ job), no autograd.
import numpy as np
import torch

torch.manual_seed(0)
rng = np.random.default_rng(0)
N_CLASS, PER_CLASS, DIM, NEG, EPOCHS = 6, 20, 16, 5, 3
n_items = N_CLASS * PER_CLASS
klass = np.arange(n_items) // PER_CLASS            # hidden truth: warrior, mage, ... only used for scoring

pop = rng.zipf(1.6, n_items).clip(1, 12).astype(float)


def bundle():
    c = rng.integers(N_CLASS)
    p = np.where(klass == c, pop * 50, pop)
    return rng.choice(n_items, 6, replace=False, p=p / p.sum())


bundles = np.stack([bundle() for _ in range(2500)])
train_b, test_b = bundles[:2200], bundles[2200:]


def pairs_of(b):
    i, j = np.triu_indices(b.shape[1], 1)
    a = np.stack([b[:, i].ravel(), b[:, j].ravel()], 1)
    return torch.from_numpy(np.concatenate([a, a[:, ::-1]]).copy())


train_pairs, test_pairs = pairs_of(train_b), pairs_of(test_b)
freq = torch.bincount(train_pairs[:, 0], minlength=n_items).float().pow(.75)

W_in = (torch.rand(n_items, DIM) - .5) / DIM
W_out = torch.zeros(n_items, DIM)


def negatives(n):
    return torch.multinomial(freq, n * NEG, replacement=True).view(n, NEG)


def sgns_step(centre, context, lr):
    v, neg = W_in[centre], negatives(len(centre))
    u = W_out[torch.cat([context[:, None], neg], 1)]                     # (B, 1+NEG, D)
    s = torch.sigmoid(torch.einsum("bd,bkd->bk", v, u))
    label = torch.zeros_like(s); label[:, 0] = 1
    loss = -(torch.log(s[:, 0] + 1e-9) + torch.log(1 - s[:, 1:] + 1e-9).sum(1)).mean()
    err = s - label
    grad_v = torch.einsum("bk,bkd->bd", err, u)
    grad_u = err[..., None] * v[:, None]
    W_in.index_add_(0, centre, grad_v, alpha=-lr)
    W_out.index_add_(0, torch.cat([context[:, None], neg], 1).ravel(), grad_u.reshape(-1, DIM), alpha=-lr)
    return loss.item()


def pair_auc(pairs):
    """Does a true pair score above a pair with a random item of the same popularity law?"""
    wrong = negatives(len(pairs))[:, 0]
    good = (W_in[pairs[:, 0]] * W_out[pairs[:, 1]]).sum(1)
    bad = (W_in[pairs[:, 0]] * W_out[wrong]).sum(1)
    return (good > bad).float().mean().item()


def neighbour_purity(k=5):
    z = torch.nn.functional.normalize(W_in, dim=1)
    sim = z @ z.T
    sim.fill_diagonal_(-2)
    nn_ = sim.topk(k, dim=1).indices.numpy()
    return float((klass[nn_] == klass[:, None]).mean())


print(f"init: purity@5 {neighbour_purity():.3f} (chance {(PER_CLASS - 1) / (n_items - 1):.3f})")
for epoch in range(EPOCHS):
    lr = 0.06 * (1 - epoch / EPOCHS)
    losses = [sgns_step(train_pairs[i, 0], train_pairs[i, 1], lr) for i in torch.randperm(len(train_pairs)).split(128)]
    print(f"epoch {epoch} lr {lr:.3f} loss {np.mean(losses):.4f} pair-AUC train {pair_auc(train_pairs):.3f} "
          f"held-out {pair_auc(test_pairs):.3f}")
print(f"purity@5 {neighbour_purity():.3f}")
