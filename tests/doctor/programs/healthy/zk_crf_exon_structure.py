"""Linear-chain CRF on top of a small convolution: labels intergenic / exon / intron for every base."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(8)
torch.manual_seed(8)
K, T = 3, 40
TRANS = np.array([[.94, .06, 0.], [.04, .90, .06], [0., .07, .93]])
EMIT = np.array([[.40, .10, .40, .10], [.05, .45, .45, .05], [.45, .05, .05, .45]])


def make(n):
    z = np.zeros((n, T), dtype=int)
    x = np.zeros((n, T), dtype=int)
    for i in range(n):
        s = rng.integers(0, K)
        for t in range(T):
            if t:
                s = rng.choice(K, p=TRANS[s])
            z[i, t], x[i, t] = s, rng.choice(4, p=EMIT[s])
    return torch.from_numpy(x), torch.from_numpy(z)


class CRFTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(4, 8)
        self.conv = nn.Conv1d(8, 24, 11, padding=5)
        self.emit = nn.Linear(24, K)
        self.trans = nn.Parameter(torch.zeros(K, K))      # from, to
        self.start = nn.Parameter(torch.zeros(K))

    def scores(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2)
        return self.emit(h)

    def nll(self, x, z):
        e = self.scores(x)
        gold = self.start[z[:, 0]] + e.gather(2, z[..., None]).squeeze(2).sum(1) \
            + self.trans[z[:, :-1], z[:, 1:]].sum(1)
        a = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            a = torch.logsumexp(a[:, :, None] + self.trans, dim=1) + e[:, t]
        return (a.logsumexp(1) - gold).mean()

    @torch.no_grad()
    def decode(self, x):
        e = self.scores(x)
        a, back = self.start + e[:, 0], []
        for t in range(1, e.size(1)):
            best, arg = (a[:, :, None] + self.trans).max(1)
            a = best + e[:, t]
            back.append(arg)
        tags = [a.argmax(1)]
        for arg in reversed(back):
            tags.append(arg.gather(1, tags[-1][:, None]).squeeze(1))
        return torch.stack(tags[::-1], 1)


xtr, ztr = make(500)
xte, zte = make(150)
crf = CRFTagger()
with torch.no_grad():                                     # transitions start at the counts of the training set
    pair = torch.bincount((ztr[:, :-1] * K + ztr[:, 1:]).flatten(), minlength=K * K).view(K, K) + 1.0
    crf.trans.copy_((pair / pair.sum(1, keepdim=True)).log())
opt = torch.optim.Adam(crf.parameters(), lr=1.5e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
print("majority", round(max((zte == k).float().mean().item() for k in range(K)), 3))
for epoch in range(6):
    crf.train()
    total = 0.
    for idx in torch.randperm(len(xtr)).split(32):
        opt.zero_grad()
        loss = crf.nll(xtr[idx], ztr[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(crf.parameters(), 20.)
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    crf.eval()
    print(f"{epoch}  nll/seq {total / len(xtr):.2f}  base acc train {(crf.decode(xtr) == ztr).float().mean():.3f} "
          f"test {(crf.decode(xte) == zte).float().mean():.3f}")
