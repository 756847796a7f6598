"""Siamese network for duplicate bug reports, contrastive loss on the Euclidean distance (Hadsell, Chopra, LeCun 2006)."""
import random
import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)

PARTS = ['editor', 'parser', 'menu', 'toolbar', 'search', 'login', 'export', 'printer', 'theme', 'plugin', 'sync', 'cache']
FAILS = {'crash': ['crashes', 'segfaults', 'dies'], 'slow': ['slow', 'lags', 'sluggish'], 'freeze': ['freezes', 'hangs', 'stuck'],
         'blank': ['blank', 'empty', 'white'], 'wrong': ['wrong', 'incorrect', 'garbled']}
EXTRA = 'after update on linux windows when opening large file since last version again sometimes'.split()
BUGS = [(p, f) for p in PARTS for f in FAILS]
vocab = {w: i for i, w in enumerate(PARTS + [w for ws in FAILS.values() for w in ws] + EXTRA)}


def report(bug):
    part, fail = bug
    return [vocab[part], vocab[random.choice(FAILS[fail])]] + [vocab[w] for w in random.sample(EXTRA, 3)]


def pairs(n):
    out = []
    for _ in range(n):
        bug = random.choice(BUGS)
        a = report(bug)
        r = random.random()
        if r < 0.03:
            out.append((a, list(a), 1.0))               # sent twice by an impatient user
        elif r < 0.5:
            out.append((a, report(bug), 1.0))
        else:
            other = random.choice([b for b in BUGS if b != bug and (r < 0.8 or b[0] == bug[0] or b[1] == bug[1])])
            out.append((a, report(other), 0.0))
    return tuple(torch.tensor(col) for col in zip(*out))


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(vocab), 24)
        self.dense = nn.Linear(24, 24)

    def forward(self, x):
        return self.dense(self.words(x).mean(dim=1))


def distance(u, v):
    # fault:
    return torch.sqrt(((u - v) ** 2).sum(dim=1))
    # mended:
    # return torch.sqrt(((u - v) ** 2).sum(dim=1) + 1e-6)
    # end


def contrastive(d, same, margin=1.5):
    return (same * d ** 2 + (1 - same) * torch.clamp(margin - d, min=0) ** 2).mean()


branch = Branch()
opt = torch.optim.Adam(branch.parameters(), lr=5e-3)
A, B, S = pairs(2400)
At, Bt, St = pairs(500)


def accuracy(a, b, s):
    with torch.no_grad():
        d = distance(branch(a), branch(b))
    return ((d < 0.75).float() == s).float().mean().item()


for epoch in range(8):
    total = 0.0
    for idx in torch.randperm(len(A)).split(40):
        loss = contrastive(distance(branch(A[idx]), branch(B[idx])), S[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    print(f'epoch {epoch + 1}  loss {total / len(A):.4f}  test accuracy {accuracy(At, Bt, St):.3f}')
print(f'train {accuracy(A, B, S):.3f}  test {accuracy(At, Bt, St):.3f}  duplicates in test {St.mean():.2f}')
