"""
Metric learning: notes of one 'author' share habits of wording. Trained with all violating triplets of a batch on 60 authors,
tested by 5-nearest-neighbour search among 20 authors that were never seen.
"""
import torch
import numpy as np
from sklearn.neighbors import KNeighborsClassifier

torch.manual_seed(21)
rng = np.random.default_rng(21)
N_WORDS, N_STYLES = 240, 12
styles = rng.dirichlet(np.full(N_WORDS, 0.05), N_STYLES)            # habits
noise = rng.dirichlet(np.full(N_WORDS, 1.0))


def author():
    own = rng.choice(N_STYLES, 3, replace=False)
    mix = rng.dirichlet([6.0, 6.0, 6.0])
    return 0.7 * (mix @ styles[own]) + 0.3 * noise


def notes(p, n):
    return np.stack([np.bincount(rng.choice(N_WORDS, 70, p=p), minlength=N_WORDS) for _ in range(n)])


known = [notes(author(), 30) for _ in range(60)]
fresh = [notes(author(), 24) for _ in range(20)]
Xk = torch.tensor(np.array(known), dtype=torch.float32)              # author, note, word
Xf = torch.tensor(np.array(fresh), dtype=torch.float32)


def weights(x):
    return torch.log1p(x) / torch.log1p(x).sum(-1, keepdim=True)


W = torch.nn.Parameter(torch.randn(N_WORDS, 16) * 0.3)               # the words' vectors, one matrix, nothing else
opt = torch.optim.Adam([W], lr=3e-2)


def embed(x):
    return torch.nn.functional.normalize(weights(x) @ W, dim=-1)


def batch_all(z, who, margin=0.3):
    sim = z @ z.t()
    same = who[:, None] == who[None, :]
    eye = torch.eye(len(z), dtype=torch.bool)
    valid = (same & ~eye).unsqueeze(2) & ~same.unsqueeze(1)           # anchor, positive, negative
    gap = torch.relu(sim.unsqueeze(1) - sim.unsqueeze(2) + margin)[valid]
    return gap.mean(), (gap > 0).float().mean()


def knn(x):
    with torch.no_grad():
        z = embed(x).numpy()
    half = z.shape[1] // 2
    lab = np.repeat(np.arange(z.shape[0]), half)
    clf = KNeighborsClassifier(5, metric="cosine").fit(z[:, :half].reshape(-1, 16), lab)
    return clf.score(z[:, half:2 * half].reshape(-1, 16), lab)


print(f"untrained: unseen authors 5-nn {knn(Xf):.3f} (chance 0.05)")
for rnd in range(1, 6):
    for grp in opt.param_groups:
        grp["lr"] = 3e-2 / rnd
    losses, active = [], []
    for _ in range(40):
        a = rng.choice(60, 12, replace=False)
        n = rng.choice(30, 5, replace=False)
        x = Xk[a][:, n].reshape(-1, N_WORDS)
        loss, act = batch_all(embed(x), torch.tensor(np.repeat(a, 5)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
        active.append(act.item())
    print(f"round {rnd}: triplet {np.mean(losses):.3f}, active {np.mean(active):.2f}, "
          f"5-nn known {knn(Xk):.3f}, unseen {knn(Xf):.3f}")
