"""Skip-gram with negative sampling as in the C program: input rows tiny and random, output rows start at zero, sparse updates."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(121)
torch.manual_seed(121)
GROUPS, PER, COMMON, D, K = 12, 14, 30, 32, 5
V = GROUPS * PER + COMMON
zipf = 1 / np.arange(1, PER + 1) ** 0.5
zipf /= zipf.sum()


def sentence():
    g = np.random.randint(GROUPS)
    n = np.random.randint(10, 16)
    own = g * PER + np.random.choice(PER, n, p=zipf)
    common = GROUPS * PER + np.random.randint(COMMON, size=n)
    return np.where(np.random.rand(n) < 0.65, own, common)


sentences = [sentence() for _ in range(2600)]
held_out, sentences = sentences[:300], sentences[300:]


def pairs(ss, window=2):
    out = []
    for s in ss:
        for i in range(len(s)):
            for j in range(max(0, i - window), min(len(s), i + window + 1)):
                if i != j:
                    out.append((s[i], s[j]))
    return torch.tensor(np.array(out))


train, dev = pairs(sentences), pairs(held_out)
counts = torch.bincount(train[:, 1], minlength=V).float()
noise = counts.pow(0.75)


class SGNS(nn.Module):
    def __init__(self):
        super().__init__()
        self.u = nn.Embedding(V, D, sparse=True)
        self.v = nn.Embedding(V, D, sparse=True)
        nn.init.uniform_(self.u.weight, -0.5 / D, 0.5 / D)
        nn.init.zeros_(self.v.weight)

    def forward(self, center, context, negative):
        c = self.u(center)
        pos = (c * self.v(context)).sum(1)
        neg = torch.bmm(self.v(negative), c.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(1)).mean()


def negatives(n):
    return torch.multinomial(noise, n * K, replacement=True).view(n, K)


model = SGNS()
optimizer = torch.optim.SparseAdam(model.parameters(), lr=5e-3)
EPOCHS = 4
steps = EPOCHS * ((len(train) + 511) // 512)
print(len(train), "pairs; chance:", round((1 + K) * np.log(2), 3))
done = 0
for epoch in range(EPOCHS):
    total = 0.0
    for idx in torch.randperm(len(train)).split(512):
        for group in optimizer.param_groups:
            group["lr"] = 5e-3 * (1 - done / steps)
        b = train[idx]
        loss = model(b[:, 0], b[:, 1], negatives(len(b)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
        done += 1
    with torch.no_grad():
        d = model(dev[:, 0], dev[:, 1], negatives(len(dev))).item()
        e = F.normalize(model.u.weight[:GROUPS * PER], dim=1)
        near = (e @ e.T - 2 * torch.eye(len(e))).argmax(1)
        same = (near // PER == torch.arange(len(e)) // PER).float().mean().item()
    print(f"epoch {epoch + 1} loss {total / len(train):.4f} held out {d:.4f} neighbour of the same group {same:.3f}")
