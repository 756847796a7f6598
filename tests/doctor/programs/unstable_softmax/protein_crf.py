"""Linear-chain CRF on top of a small convolution: secondary structure (H, E, T, C, S) of toy proteins."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(31)
torch.manual_seed(31)
AMINO = "ACDEFGHIKLMNPQRSTVWY"
K = 5
stay = np.array([0.9, 0.85, 0.6, 0.7, 0.75])
emit = rng.dirichlet(np.full(20, 0.6), K)


def protein():
    n = rng.integers(30, 71)
    s, ys, xs = int(rng.integers(K)), [], []
    for _ in range(n):
        ys.append(s)
        xs.append(int(rng.choice(20, p=emit[s])) + 1)
        if rng.random() > stay[s]:
            s = int(rng.choice([k for k in range(K) if k != s]))
    return xs, ys


proteins = [protein() for _ in range(900)]
train, dev = proteins[:750], proteins[750:]


def pad(rows):
    n = max(len(x) for x, _ in rows)
    x, y = torch.zeros(len(rows), n, dtype=torch.long), torch.zeros(len(rows), n, dtype=torch.long)
    for i, (a, b) in enumerate(rows):
        x[i, :len(a)], y[i, :len(b)] = torch.tensor(a), torch.tensor(b)
    return x, y, x > 0


class CRF(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(21, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, 5, padding=2)
        self.emission = nn.Linear(32, K)
        self.trans = nn.Parameter(torch.zeros(K, K))

    def emissions(self, x):
        return self.emission(F.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))

    @staticmethod
    def logsumexp(a):
        # fault:
        return a.exp().sum(1).log()
        # mended:
        # m = a.max(1, keepdim=True).values
        # return (a - m).exp().sum(1).log() + m.squeeze(1)
        # end

    def nll(self, x, y, mask):
        e, m = self.emissions(x), mask.float()
        gold = (e.gather(2, y.unsqueeze(2)).squeeze(2) * m).sum(1) + (self.trans[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1)
        alpha = e[:, 0]
        for t in range(1, x.shape[1]):
            new = self.logsumexp(alpha.unsqueeze(2) + self.trans) + e[:, t]
            alpha = torch.where(mask[:, t:t + 1], new, alpha)
        return ((self.logsumexp(alpha) - gold) / m.sum(1)).mean()

    @torch.no_grad()
    def viterbi(self, x, mask):
        e = self.emissions(x)
        score, back = e[:, 0], []
        for t in range(1, x.shape[1]):
            best, arg = (score.unsqueeze(2) + self.trans).max(1)
            keep = mask[:, t:t + 1]
            score = torch.where(keep, best + e[:, t], score)
            back.append(torch.where(keep, arg, torch.arange(K).expand_as(arg)))
        path = [score.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


model = CRF()
opt = torch.optim.Adam(model.parameters(), lr=1.2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)
print("most frequent state:", np.bincount(np.concatenate([y for _, y in train])).max() / sum(len(y) for _, y in train))
for epoch in range(7):
    total = 0.0
    for idx in torch.randperm(len(train)).split(50):
        x, y, mask = pad([train[i] for i in idx])
        loss = model.nll(x, y, mask)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    sched.step()
    x, y, mask = pad(dev)
    acc = (model.viterbi(x, mask) == y)[mask].float().mean().item()
    print(f"epoch {epoch}: nll per residue {total / 15:.4f} dev accuracy {acc:.3f}")
