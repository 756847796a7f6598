"""Transductive labels on a made-up citation graph; the training nodes carry votes of five annotators, not one label."""
import torch
import torch.nn.functional as F

torch.manual_seed(8)
N, C, WORDS = 900, 4, 120
true = torch.randint(C, (N,))
same = true[:, None] == true[None]
upper = torch.triu(torch.rand(N, N) < torch.where(same, 0.025, 0.003), 1)
A = (upper | upper.T).float() + torch.eye(N)
deg = A.sum(1)
A = A / (deg[:, None] * deg[None]).sqrt()                     # symmetric normalisation, self loops included

topics = torch.distributions.Dirichlet(torch.full((WORDS,), .12)).sample((C,))
p = 0.35 * topics[true] + 0.65 / WORDS
X = torch.distributions.Multinomial(12, p).sample()
X = X / X.sum(1, keepdim=True)

votes = torch.where(torch.rand(N, 5) < .75, true[:, None], torch.randint(C, (N, 5)))
soft = F.one_hot(votes, C).float().mean(1)                     # shares of the votes
perm = torch.randperm(N)
train, valid, test = perm[:450], perm[450:600], perm[600:]

W1 = (torch.randn(WORDS, 16) * (2 / WORDS) ** .5).requires_grad_()
W2 = (torch.randn(16, C) * (1 / 16) ** .5).requires_grad_()
b2 = torch.zeros(C, requires_grad=True)
opt = torch.optim.Adam([{"params": [W1], "weight_decay": 1e-4}, {"params": [W2, b2]}], lr=0.03)


def forward(adj, drop=0.0):
    h = torch.relu(adj @ (X @ W1))
    h = F.dropout(h, drop, training=drop > 0)
    return (adj @ (h @ W2) + b2).log_softmax(1)


best, keep = 1e9, None
for step in range(120):                                        # full batch: one step is one epoch
    logp = forward(A, drop=0.2)
    loss = -(soft[train] * logp[train]).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        lp = forward(A)
        v = -(soft[valid] * lp[valid]).sum(1).mean().item()
    if v < best:
        best, keep = v, [w.detach().clone() for w in (W1, W2, b2)]
    if step % 20 == 19:
        acc = (lp.argmax(1) == true).float()
        print(f"step {step + 1:3d} soft CE {loss.item():.4f} valid {v:.4f} accuracy train {acc[train].mean():.3f} "
              f"valid {acc[valid].mean():.3f}")
with torch.no_grad():
    for w, k in zip((W1, W2, b2), keep):
        w.copy_(k)
    full = (forward(A).argmax(1) == true).float()[test].mean()
    blind = (forward(torch.eye(N)).argmax(1) == true).float()[test].mean()
print(f"test accuracy {full:.3f}   the same weights without edges {blind:.3f}   chance {1 / C}")
