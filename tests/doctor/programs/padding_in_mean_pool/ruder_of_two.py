"""Which of two messages is the ruder one, word for word? Trained on comparisons only (Bradley and Terry)."""
import random

import torch
from torch import nn

random.seed(60)
torch.manual_seed(60)
MAX = 48
rude = [f"grr{i}" for i in range(40)]
nice = [f"la{i}" for i in range(90)]
stoi = {w: i + 1 for i, w in enumerate(rude + nice)}


def message():
    n = random.choice([4, 5, 6, 8, 10, 14, 20, 30, 40, 46])
    share = random.random()
    words = [random.choice(rude if random.random() < share else nice) for _ in range(n)]
    return words, sum(w in rude for w in words) / n


def pairs(k):
    out = []
    while len(out) < k:
        (a, p), (b, q) = message(), message()
        if abs(p - q) > 0.02:
            out.append({"a": a, "b": b, "a_is_ruder": float(p > q)})
    return out


def pad(texts):
    x = torch.zeros(len(texts), MAX, dtype=torch.long)
    for i, t in enumerate(texts):
        x[i, : len(t)] = torch.tensor([stoi[w] for w in t])
    return x


def collate(rows):
    return {"a": pad([r["a"] for r in rows]), "b": pad([r["b"] for r in rows]), "y": torch.tensor([r["a_is_ruder"] for r in rows])}


class Rudeness(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tok = nn.Embedding(len(stoi) + 1, d, padding_idx=0)
        self.scale = nn.Linear(d, 1, bias=False)

    def score(self, x):
        h = self.tok(x)
        # fault:
        h = h.mean(dim=1)
        # mended:
        # h = h.sum(dim=1) / (x != 0).sum(dim=1, keepdim=True)
        # end
        return self.scale(torch.tanh(3 * h)).squeeze(-1)

    def forward(self, batch):
        return self.score(batch["a"]) - self.score(batch["b"])


train, dev = pairs(1800), collate(pairs(500))
net = Rudeness()
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
loader = torch.utils.data.DataLoader(train, batch_size=30, shuffle=True, collate_fn=collate)
for epoch in range(8):
    for batch in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(net(batch), batch["y"])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((net(dev) > 0) == (dev["y"] > 0.5)).float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc.item():.4f}")
