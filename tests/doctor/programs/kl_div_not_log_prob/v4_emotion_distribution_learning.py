# Label distribution learning: predict how a crowd of annotators spreads over five emotions.
# (after Geng 2016, with a bag-of-embeddings encoder)
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

EMO = ["joy", "anger", "fear", "sadness", "surprise"]
rng = np.random.default_rng(11)
torch.manual_seed(11)

V, K, L = 300, len(EMO), 18
# every word leans somewhere; a third of them are neutral function words
lean = rng.normal(0, 1.6, (V, K)) * (rng.random((V, 1)) > 0.33)


def crowd(n, annotators=40):
    words = rng.integers(1, V, (n, L))
    lens = rng.integers(8, L + 1, n)
    words[np.arange(L)[None] >= lens[:, None]] = 0
    m = (words > 0)[..., None]
    z = (lean[words] * m).sum(1) / np.sqrt(lens)[:, None]
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    votes = np.stack([rng.multinomial(annotators, q) for q in p]).astype(np.float32)
    votes += 0.1
    return torch.from_numpy(words), torch.from_numpy(votes / votes.sum(1, keepdims=True)).float()


train_x, train_p = crowd(4000)
dev_x, dev_p = crowd(600)


class LDL(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.E = nn.Embedding(V, dim, padding_idx=0)
        self.out = nn.Linear(dim, K)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        h = self.E(x).sum(1) / n.sqrt()
        return self.out(h)


def chebyshev(p, q):
    return (p - q).abs().max(1).values.mean().item()


def kl(p, q):
    return (p * (p.clamp_min(1e-9).log() - q.clamp_min(1e-9).log())).sum(1).mean().item()


model = LDL()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
prior = train_p.mean(0, keepdim=True).expand_as(dev_p)
decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.6)
print(f"prior only : KL {kl(dev_p, prior):.3f}  Chebyshev {chebyshev(dev_p, prior):.3f}")

for epoch in range(1, 9):
    model.train()
    running = []
    for b in torch.randperm(len(train_x)).split(64):
        scores = model(train_x[b])
        # fault:
        loss = F.kl_div(F.softmax(scores, dim=-1), train_p[b], reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(scores, dim=-1), train_p[b], reduction="batchmean")
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running.append(loss.item())
    decay.step()
    model.eval()
    with torch.no_grad():
        q = model(dev_x).softmax(-1)
    print(f"epoch {epoch} train loss {np.mean(running):.4f}  dev KL {kl(dev_p, q):.3f}  Chebyshev {chebyshev(dev_p, q):.3f}")
