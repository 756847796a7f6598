"""Predict how readers react to a post: shares of five emoji, from vote counts."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

g = np.random.default_rng(14)
torch.manual_seed(14)
EMOJI = ["like", "love", "haha", "wow", "angry"]
V = 500
lean = g.normal(0, 1.0, (V, 5))


def post():
    words = g.integers(0, V, int(g.integers(6, 20)))
    s = 1.6 * lean[words].mean(0) * np.sqrt(len(words)) / 2
    p = np.exp(s) / np.exp(s).sum()
    votes = g.multinomial(int(g.integers(30, 200)), p) + 0.5
    return words, (votes / votes.sum()).astype(np.float32)


posts = [post() for _ in range(4000)]
train, test = posts[:3300], posts[3300:]


def to_batch(rows):
    counts = torch.zeros(len(rows), V)
    for i, (w, _) in enumerate(rows):
        counts[i].index_add_(0, torch.from_numpy(w), torch.ones(len(w)))
    return counts / counts.sum(1, keepdim=True).sqrt(), torch.from_numpy(np.stack([p for _, p in rows]))


x, share = to_batch(train)
xt, share_t = to_batch(test)
mean_share = share.mean(0)
print("always the average share: error", round((share_t - mean_share).abs().sum(1).mean().item() / 2, 3))

model = nn.Sequential(nn.Linear(V, 5))
nn.init.zeros_(model[0].weight)
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(1, 16):
    for idx in torch.randperm(len(x)).split(64):
        logits = model(x[idx])
        # fault:
        loss = F.kl_div(F.softmax(logits, dim=1), share[idx], reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(logits, dim=1), share[idx], reduction="batchmean")
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            guess = model(xt).softmax(1)
        error = (guess - share_t).abs().sum(1).mean().item() / 2
        print(f"epoch {epoch}: last loss {loss.item():.4f}, misplaced share of votes on new posts {error:.3f}")
