"""Which of three organisms does a read come from?

k-mers are our "words".  Vectors for the 64 trimers come from an SVD of the
co-occurrence counts over all reads (PPMI, the usual recipe), the reader on
top is a small GRU.  Toy reads, one Markov chain per organism.
"""
import itertools
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(11)
torch.manual_seed(11)

BASES = 'ACGT'
K = 3
KMERS = [''.join(p) for p in itertools.product(BASES, repeat=K)]
KID = {k: i for i, k in enumerate(KMERS)}
READ_LEN = 44


def make_chain():
    return rng.dirichlet(np.full(4, 1.6), size=16)      # second order


def sample(chain):
    s = list(rng.integers(0, 4, 2))
    while len(s) < READ_LEN:
        s.append(rng.choice(4, p=chain[s[-2] * 4 + s[-1]]))
    return ''.join(BASES[i] for i in s)


def kmerize(read):
    return [KID[read[i:i + K]] for i in range(0, len(read) - K + 1, 2)]


chains = [make_chain() for _ in range(3)]
reads, species = [], []
for _ in range(1200):
    c = int(rng.integers(3))
    reads.append(kmerize(sample(chains[c])))
    species.append(c)
X = torch.tensor(reads)
y = torch.tensor(species)
Xtr, ytr, Xva, yva = X[:900], y[:900], X[900:], y[900:]

# --- k-mer vectors -----------------------------------------------------------
counts = np.zeros((64, 64))
for row in reads[:900]:
    for i, a in enumerate(row):
        for b in row[max(0, i - 3):i]:
            counts[a, b] += 1
            counts[b, a] += 1
p = counts / counts.sum()
marg = p.sum(0)
ppmi = np.maximum(np.log((p + 1e-9) / (np.outer(marg, marg) + 1e-9)), 0)
U, S, _ = np.linalg.svd(ppmi)
vec = U[:, :24] * np.sqrt(S[:24])
vec = vec / vec.std()
print('k-mer vectors', vec.shape, 'norm %.2f' % np.linalg.norm(vec, axis=1).mean())


class ReadClassifier(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.kmer = nn.Embedding.from_pretrained(table, freeze=False)
        self.rnn = nn.GRU(table.shape[1], 32, batch_first=True)
        self.out = nn.Linear(32, 3)

    def forward(self, ids):
        states, _ = self.rnn(self.kmer(ids))
        return self.out(states.mean(1))


# fault:
net = ReadClassifier(torch.from_numpy(vec))
# mended:
# net = ReadClassifier(torch.from_numpy(vec).float())
# end
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
loss_fn = nn.CrossEntropyLoss()

for ep in range(6):
    net.train()
    order = torch.randperm(len(Xtr))
    tot = 0.
    for i in range(0, len(order), 50):
        b = order[i:i + 50]
        loss = loss_fn(net(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        acc = (net(Xva).argmax(1) == yva).float().mean().item()
        atr = (net(Xtr).argmax(1) == ytr).float().mean().item()
    print(f'epoch {ep}  loss {tot / len(order):.3f}  train {atr:.3f}  held-out {acc:.3f}')
