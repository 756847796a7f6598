# Promoter vs. coding vs. repeat: 60 bp windows as overlapping 3-mers, small CNN.
# FASTA-like input built class by class; held-out windows come from other simulated genomes.
import itertools
import random
from typing import List, Tuple

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(5)
torch.manual_seed(5)

K = 3
KMERS = {"".join(p): i for i, p in enumerate(itertools.product("ACGT", repeat=K))}
CLASSES = ["promoter", "coding", "repeat", "intergenic"]


def mutate(s: str, rate: float) -> str:
    return "".join(random.choice("ACGT") if random.random() < rate else c for c in s)


def background(n: int, gc: float = 0.45) -> List[str]:
    return random.choices("ACGT", weights=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2], k=n)


def window(kind: str, n: int = 60) -> str:
    if kind == "promoter":
        s = background(n)
        a = random.randrange(0, 20)
        s[a:a + 6] = mutate("TTGACA", 0.12)
        s[a + 23:a + 29] = mutate("TATAAT", 0.12)
        return "".join(s)
    if kind == "coding":
        codons = ["GCT", "GAA", "CTG", "AAA", "GGC", "ATT", "GTT", "CGT", "ACC", "TCT", "GAC", "CAG"]
        s = "".join(random.choice(codons) if random.random() < 0.75 else "".join(background(3)) for _ in range(n // 3 + 1))
        f = random.randrange(3)
        return s[f:f + n]
    if kind == "repeat":
        unit = "".join(random.choices("ACGT", k=random.choice([2, 3, 4])))
        return mutate((unit * n)[:n], 0.2)
    return "".join(background(n, 0.4))


def simulate(per_class: int) -> List[Tuple[str, int]]:
    records = []
    for label, kind in enumerate(CLASSES):
        for _ in range(per_class):
            records.append((window(kind), label))
    return records


class Windows(Dataset):
    def __init__(self, records):
        self.ids = [torch.tensor([KMERS[s[j:j + K]] for j in range(len(s) - K + 1)]) for s, _ in records]
        self.labels = [label for _, label in records]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i], self.labels[i]


class KmerCNN(nn.Module):
    def __init__(self, dim=16, channels=32, classes=len(CLASSES)):
        super().__init__()
        self.kmer = nn.Embedding(len(KMERS), dim)
        self.motif = nn.Conv1d(dim, channels, 7, padding=3)
        self.norm = nn.BatchNorm1d(channels, momentum=0.05)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(2 * channels, classes)

    def forward(self, ids):
        h = torch.relu(self.norm(self.motif(self.kmer(ids).transpose(1, 2))))
        pooled = torch.cat([h.max(2).values, h.mean(2)], 1)
        return self.out(self.drop(pooled))


train_records = simulate(500)
seen = {s for s, _ in train_records}
test_records = [r for r in simulate(150) if r[0] not in seen]

# fault:
train_loader = DataLoader(Windows(train_records), batch_size=50)
# mended:
#train_loader = DataLoader(Windows(train_records), batch_size=50, shuffle=True)
# end
test_loader = DataLoader(Windows(test_records), batch_size=200)

model = KmerCNN()
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
ce = nn.CrossEntropyLoss()


def score(loader):
    model.eval()
    table = torch.zeros(len(CLASSES), len(CLASSES), dtype=torch.long)
    with torch.no_grad():
        for x, y in loader:
            for t, p in zip(y.tolist(), model(x).argmax(1).tolist()):
                table[t, p] += 1
    return table.diag().sum().item() / table.sum().item(), table


for epoch in range(10):
    model.train()
    total = 0.0
    for x, y in train_loader:
        opt.zero_grad()
        loss = ce(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 2 == 1:
        print(f"epoch {epoch}: loss {total / len(train_loader):.4f}, held-out accuracy {score(test_loader)[0]:.3f}")

acc, table = score(test_loader)
print(f"final held-out accuracy {acc:.3f}")
for name, row in zip(CLASSES, table.tolist()):
    print(f"{name:>11} {row}")
print(f"training accuracy {score(DataLoader(Windows(train_records), batch_size=200))[0]:.3f}")
