"""Regress the growth temperature of an organism on its tRNA reads (k-mer tokens, average pooling, linear read-out)."""
import random
import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(12)
random.seed(12)
K = 2
BASES = "ACGU"
kmers = {a + b: i + 1 for i, (a, b) in enumerate((a, b) for a in BASES for b in BASES)}
STACK = {k: (2.0 if k in ("GC", "CG") else 1.4 if k in ("GG", "CC") else 0.7 if set(k) & set("GC") else 0.0) for k in kmers}


def read():
    gc = random.uniform(0.2, 0.8)
    n = int(random.choice([18, 25, 40, 76, 120]) * random.uniform(0.8, 1.2))
    s = "".join(random.choice("GC") if random.random() < gc else random.choice("AU") for _ in range(n))
    ks = [s[i:i + K] for i in range(n - K + 1)]
    temp = 20 + 40 * sum(STACK[k] for k in ks) / len(ks) + random.gauss(0, 2)
    return [kmers[k] for k in ks], temp


train = [read() for _ in range(3000)]
valid = [read() for _ in range(600)]
mu = sum(t for _, t in train) / len(train)
sd = (sum((t - mu) ** 2 for _, t in train) / len(train)) ** 0.5


def collate(batch):
    ids = nn.utils.rnn.pad_sequence([torch.tensor(x) for x, _ in batch], batch_first=True)
    return ids, torch.tensor([len(x) for x, _ in batch]), torch.tensor([(t - mu) / sd for _, t in batch])


class Thermo(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.emb = nn.Embedding(len(kmers) + 1, dim, padding_idx=0)
        self.out = nn.Linear(dim, 1)

    def forward(self, ids, n):
        h = self.emb(ids)
        # fault:
        h = h.mean(dim=1)
        # mended:
        # h = h.sum(dim=1) / n.unsqueeze(1)
        # end
        return self.out(h).squeeze(1)


def evaluate(model):
    err = var = 0.0
    with torch.no_grad():
        for ids, n, t in DataLoader(valid, 100, collate_fn=collate):
            err += ((model(ids, n) - t) ** 2).sum().item()
            var += (t ** 2).sum().item()
    return 1 - err / var


model = Thermo()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 6, 0.3)
for epoch in range(12):
    total = 0.0
    for ids, n, t in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.mse_loss(model(ids, n), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(t)
    scheduler.step()
    if epoch % 2:
        print(f"epoch {epoch + 1} mse {total / len(train):.4f} R2 valid {evaluate(model):.4f}")
