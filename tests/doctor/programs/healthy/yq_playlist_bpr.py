"""Implicit-feedback recommendation: BPR with torch.autograd.grad and Adagrad by hand."""
import numpy as np, torch
import torch.nn.functional as F

gen = torch.Generator().manual_seed(8)
U, I, TRUE_D, D = 400, 150, 3, 8
taste = torch.randn(U, TRUE_D, generator=gen)
style = torch.randn(I, TRUE_D, generator=gen)
hype = 0.6 * torch.randn(I, generator=gen)
affinity = 1.5 * taste @ style.T + hype
liked = torch.multinomial(affinity.softmax(1), 40, generator=gen)      # 40 different songs for each user
train_items, test_items = liked[:, :34], liked[:, 34:]
seen = torch.zeros(U, I, dtype=torch.bool).scatter_(1, train_items, True)
known = seen.scatter(1, test_items, True)

weights = {
    "user": 0.1 * torch.randn(U, D, generator=gen),
    "item": 0.1 * torch.randn(I, D, generator=gen),
    "bias": torch.zeros(I),
}
for w in weights.values():
    w.requires_grad_()
hist = {k: torch.full_like(w, 1e-6) for k, w in weights.items()}


def predict(u, i):
    return torch.einsum("...d,...d->...", weights["user"][u], weights["item"][i]) + weights["bias"][i]


def auc(positives, banned):
    """chance that a liked song stands above a song the user never played"""
    with torch.no_grad():
        s = weights["user"] @ weights["item"].T + weights["bias"]
        pos = s.gather(1, positives)
        above = (pos[:, :, None] > s[:, None, :]) & ~banned[:, None, :]
        return (above.sum((1, 2)).float() / ((~banned).sum(1) * positives.size(1))).mean().item()


pairs = torch.stack([torch.arange(U).repeat_interleave(34), train_items.reshape(-1)], 1)
names = list(weights)
LR, REG = 0.15, 0.01
for epoch in range(10):
    total = 0.0
    lr = LR * (1 - epoch / 10)
    for chunk in pairs[torch.randperm(len(pairs), generator=gen)].split(256):
        u, i = chunk.T
        j = torch.multinomial((~seen[u]).float(), 1, generator=gen).squeeze(1)
        loss = -F.logsigmoid(predict(u, i) - predict(u, j)).mean()
        penalty = sum((w ** 2).sum(-1).mean() for w in (weights["user"][u], weights["item"][i], weights["item"][j]))
        grads = torch.autograd.grad(loss + REG * penalty, [weights[n] for n in names])
        with torch.no_grad():
            for n, g in zip(names, grads):
                hist[n] += g * g
                weights[n] -= lr * g / hist[n].sqrt()
        total += loss.item() * len(u)
    print(f"epoch {epoch} bpr {total / len(pairs):.4f} AUC train {auc(train_items, known):.4f} held-out {auc(test_items, known):.4f}")
print("popularity alone: %.4f" % (lambda pop: ((pop[test_items][:, :, None] > pop[None, None, :]) & ~known[:, None, :]).sum().item() / ((~known).sum(1) * 6).sum().item())(seen.sum(0)))
