"""Question pairs; the schedule divides the rate right from the start."""
import random

import torch
from torch import nn

random.seed(231)
torch.manual_seed(231)
TOPICS = ["visa passport border".split(), "cake oven sugar".split(), "python loop list".split(), "knee pain doctor".split(), "guitar chord tune".split()]
ASK = "how do i what is the best way to can you for a".split()
vocab = {w: i + 1 for i, w in enumerate(ASK + sum(TOPICS, []))}


def question(t):
    words = random.choices(ASK, k=random.randint(3, 5)) + random.sample(TOPICS[t], 2)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words])


def pairs(n):
    out = []
    for _ in range(n):
        t = random.randrange(5)
        same = random.randint(0, 1)
        u = t if same else random.choice([k for k in range(5) if k != t])
        out.append((question(t), question(u), same))
    pad = lambda seqs: nn.utils.rnn.pad_sequence(seqs, batch_first=True)  # noqa: E731
    return pad([a for a, _, _ in out]), pad([b for _, b, _ in out]), torch.tensor([float(y) for *_, y in out])


class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.rnn = nn.GRU(24, 24, batch_first=True)
        self.out = nn.Linear(48, 1)

    def encode(self, x):
        n = (x != 0).sum(1)
        return self.rnn(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))[1][0]

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.out(torch.cat([u * v, (u - v).abs()], 1)).squeeze(1)


a, b, y = pairs(2000)
da, db, dy = pairs(300)
model = Twin()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
steps, warmup = 240, 24
# fault:
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / warmup, 1) / (s + 1) ** 2 / 100)
# mended:
# schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / warmup, 1) * (1 - s / steps) if s < steps else 0.0)
# end
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(2000).split(50):
        loss = nn.functional.binary_cross_entropy_with_logits(model(a[i], b[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
    with torch.no_grad():
        acc = ((model(da, db) > 0) == (dy > 0)).float().mean().item()
    print(f"epoch {epoch} lr {schedule.get_last_lr()[0]:.2e} loss {total / 40:.4f} dev accuracy {acc:.4f}")
