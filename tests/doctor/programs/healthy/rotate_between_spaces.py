"""Map one vector space to another from a seed dictionary: SGD on W, pulled back to the orthogonal group
after each update (Conneau et al.'s rule).  The 'foreign' space is a hidden rotation of GloVe plus noise."""
import gzip, os
import torch

torch.manual_seed(55)
names, rows = [], []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.split()
        names.append(w); rows.append([float(t) for t in v])
        if len(rows) == 4000:
            break
A = torch.tensor(rows)
A = A - A.mean(0)
A = A / A.norm(dim=1, keepdim=True)
Q, _ = torch.linalg.qr(torch.randn(50, 50))
B = A @ Q.t() + 0.05 * torch.randn_like(A)
B = B / B.norm(dim=1, keepdim=True)

perm = torch.randperm(4000)
seed, test = perm[:2500], perm[2500:3500]
W = torch.eye(50, requires_grad=True)
lr, beta = 2.0, 0.01


@torch.no_grad()
def precision_at_1(ids):
    sims = (A[ids] @ W.t()) @ B.t()
    return (sims.argmax(1) == ids).float().mean().item()


print(f"identity: P@1 {precision_at_1(test):.3f}")
for epoch in range(8):
    total = 0.0
    for b in seed[torch.randperm(len(seed))].split(50):
        loss = -((A[b] @ W.t()) * B[b]).sum(1).mean()          # negative cosine
        grad, = torch.autograd.grad(loss, W)
        with torch.no_grad():
            W -= lr * grad
            for _ in range(4):
                W.copy_((1 + beta * 20) * W - beta * 20 * (W @ W.t()) @ W)
        total += loss.item() * len(b)
    off = (W @ W.t() - torch.eye(50)).norm().item()
    print(f"epoch {epoch}: loss {total / len(seed):.4f} P@1 seed {precision_at_1(seed):.3f} test {precision_at_1(test):.3f} ||WW'-I|| {off:.4f}")
