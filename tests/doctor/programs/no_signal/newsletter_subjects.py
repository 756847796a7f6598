# Newsletter subject lines: predict a column of the campaign export from the subject.
import csv
import random
import torch
import torch.nn.functional as F

random.seed(29)
torch.manual_seed(29)

SALE = "sale discount percent off voucher bargain clearance deal cheaper price".split()
NEWS = "guide story interview recipe tips review behind report essay portrait".split()
REST = "our new summer winter for you this week last chance garden kitchen bike tea lamp chair book is here now big small best more from team city".split()

with open("campaigns.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["id", "subject", "kind", "variant"])
    for i in range(9000):
        promo = random.random() < 0.5
        toks = random.choices(REST, k=random.randint(3, 7)) + random.sample(SALE if promo else NEWS, random.choice([1, 1, 2]))
        if random.random() < 0.12:
            toks.append(random.choice(NEWS if promo else SALE))
        random.shuffle(toks)
        w.writerow([i, " ".join(toks), "promo" if promo else "editorial", random.choice("AB")])

rows = list(csv.DictReader(open("campaigns.csv", newline="")))
random.shuffle(rows)
vocab = {}
for r in rows[:7500]:
    for t in r["subject"].split():
        vocab.setdefault(t, len(vocab) + 1)

# fault:
column, positive = "variant", "B"
# mended:
# column, positive = "kind", "promo"
# end


def arrays(part):
    width = 10
    x = torch.zeros(len(part), width, dtype=torch.long)
    for i, r in enumerate(part):
        ids = [vocab.get(t, 0) for t in r["subject"].split()][:width]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([float(r[column] == positive) for r in part])


X, y = arrays(rows[:7500])
Xd, yd = arrays(rows[7500:])

emb = (0.1 * torch.randn(len(vocab) + 1, 12)).requires_grad_()
u = (0.1 * torch.randn(12, 16)).requires_grad_()
c = torch.zeros(16, requires_grad=True)
w = (0.1 * torch.randn(16)).requires_grad_()
b = torch.zeros((), requires_grad=True)
weights = [emb, u, c, w, b]
mom = [torch.zeros_like(p) for p in weights]


def logit(x):
    keep = (x > 0).float().unsqueeze(-1)
    h = (emb[x] * keep).sum(1) / keep.sum(1).clamp(min=1)
    return F.silu(h @ u + c) @ w + b


for epoch in range(6):
    tot = 0.0
    for i in torch.randperm(len(X)).split(50):
        loss = F.soft_margin_loss(logit(X[i]), 2 * y[i] - 1)
        grads = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for p, g, m in zip(weights, grads, mom):
                m.mul_(0.9).add_(g)
                p.sub_(0.2 * m)
        tot += loss.item() * len(i)
    with torch.no_grad():
        acc = ((logit(Xd) > 0).float() == yd).float().mean().item()
    print(f"epoch {epoch} train {tot / len(X):.4f} dev {acc:.3f} (majority {max(yd.mean().item(), 1 - yd.mean().item()):.3f})")
