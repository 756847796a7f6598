"""Online matrix factorisation: ratings arrive in time order, new titles keep appearing.

Every rating is predicted before it is learned from (progressive validation); at the end the
factors are tested on ratings nobody has trained on.
"""
import numpy as np
import torch

torch.manual_seed(0)
g = np.random.default_rng(0)

N_USERS, N_ITEMS, K = 400, 900, 6
U = g.normal(0, 0.8, (N_USERS, K))
V = g.normal(0, 0.8, (N_ITEMS, K))
word_of = [f"title_{i:04d}" for i in range(N_ITEMS)]       # shown in the report only

# titles are released one after another; each is rated during a window after its release
events, heldout = [], []
for item in range(N_ITEMS):
    release = item * 34
    users = g.choice(N_USERS, 40, replace=False)
    for n, u in enumerate(users):
        r = U[u] @ V[item] + g.normal(0, 0.15)
        if n < 34:
            events.append((release + g.integers(0, 5000), u, item, r))
        else:
            heldout.append((u, item, r))
events.sort()
ev_u = torch.tensor([e[1] for e in events])
ev_i = torch.tensor([e[2] for e in events])
ev_r = torch.tensor([e[3] for e in events], dtype=torch.float32)
ho_u = torch.tensor([h[0] for h in heldout])
ho_i = torch.tensor([h[1] for h in heldout])
ho_r = torch.tensor([h[2] for h in heldout], dtype=torch.float32)

user_f = torch.nn.Embedding(N_USERS, K, sparse=True)
# the user side was fitted last quarter and is stable; only titles are learned here
user_f.weight.data.copy_(torch.tensor(U, dtype=torch.float32))
user_f.weight.requires_grad_(False)
# fault:
item_f = torch.nn.Embedding(N_ITEMS, K)
# mended:
# item_f = torch.nn.Embedding(N_ITEMS, K, sparse=True)
# end
torch.nn.init.normal_(item_f.weight, std=0.05)

# fault:
opt = torch.optim.Adam(item_f.parameters(), lr=0.07, betas=(0.9, 0.8))   # short memory, the stream drifts
# mended:
# opt = torch.optim.SparseAdam(list(item_f.parameters()), lr=0.07, betas=(0.9, 0.8))   # short memory, the stream drifts
# end


def predict(u, i):
    return (user_f(u) * item_f(i)).sum(-1)


BATCH = 10
seen, sq = 0, 0.0
for step, start in enumerate(range(0, len(events), BATCH)):
    sl = slice(start, start + BATCH)
    err = predict(ev_u[sl], ev_i[sl]) - ev_r[sl]
    loss = err.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    sq += err.detach().pow(2).sum().item()
    seen += len(err)
    if (step + 1) % 600 == 0:
        print(f"after {start + BATCH:6d} ratings: progressive mse {sq / seen:.3f}")
        seen, sq = 0, 0.0

with torch.no_grad():
    fit = (predict(ev_u, ev_i) - ev_r).pow(2).mean().item()
    mse = (predict(ho_u, ho_i) - ho_r).pow(2).mean().item()
    worst = (predict(ho_u, ho_i) - ho_r).abs().argmax()
print(f"past ratings mse {fit:.3f}")
print(f"held-out mse {mse:.3f}   variance of ratings {ho_r.var().item():.3f}   R2 {1 - mse / ho_r.var().item():.3f}")
print("worst title:", word_of[ho_i[worst]])
