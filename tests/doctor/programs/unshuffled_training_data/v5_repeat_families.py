# Assign short genomic reads to one of five repeat families.
# The catalogue is written family by family, like the FASTA that our curators send round.
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(8)
torch.manual_seed(8)
FAMILIES = ["Alu", "L1", "MIR", "ERV", "hAT"]
BASES = "ACGT"
LEN = 70
consensus = {f: ["".join(rng.choice(list(BASES), 9)) for _ in range(2)] for f in FAMILIES}


def mutate(motif, rate=0.08):
    return "".join(b if rng.random() > rate else rng.choice(list(BASES)) for b in motif)


def read_of(family):
    seq = list(rng.choice(list(BASES), LEN))
    spots = rng.choice(np.arange(0, LEN - 9, 10), 2, replace=False)
    for motif, at in zip(consensus[family], spots):
        seq[at:at + 9] = mutate(motif)
    return "".join(seq)


def one_hot(seqs):
    idx = np.array([[BASES.index(b) for b in s] for s in seqs])
    return torch.tensor(np.eye(4, dtype=np.float32)[idx]).transpose(1, 2)   # N, 4, LEN


def catalogue(n_per_family):
    seqs, fam = [], []
    for k, f in enumerate(FAMILIES):
        for _ in range(n_per_family):
            seqs.append(read_of(f))
            fam.append(k)
    return one_hot(seqs), torch.tensor(fam)


X, y = catalogue(320)
Xv, yv = catalogue(80)


class MotifScanner(nn.Module):
    def __init__(self, filters=40, k=9):
        super().__init__()
        self.scan = nn.Conv1d(4, filters, k)
        self.drop = nn.Dropout(0.2)
        self.call = nn.Linear(filters, len(FAMILIES))

    def forward(self, x):
        hits = torch.relu(self.scan(x)).amax(dim=2)
        return self.call(self.drop(hits))


# fault:
reads = DataLoader(TensorDataset(X, y), batch_size=32)
# mended:
# reads = DataLoader(TensorDataset(X, y), batch_size=32, shuffle=True)
# end
scanner = MotifScanner()
optim = torch.optim.Adam(scanner.parameters(), lr=6e-3)
criterion = nn.CrossEntropyLoss()


def accuracy(x, t):
    scanner.eval()
    with torch.no_grad():
        call = scanner(x).argmax(1)
    scanner.train()
    return (call == t).float().mean().item(), torch.bincount(call, minlength=len(FAMILIES)).tolist()


for epoch in range(7):
    running = 0.0
    for xb, yb in reads:
        optim.zero_grad()
        loss = criterion(scanner(xb), yb)
        loss.backward()
        optim.step()
        running += loss.item() * len(xb)
    acc, calls = accuracy(Xv, yv)
    print(f"epoch {epoch}  loss {running / len(X):.4f}  held-out acc {acc:.3f}  calls {calls}")
print("train acc", round(accuracy(X, y)[0], 3))
