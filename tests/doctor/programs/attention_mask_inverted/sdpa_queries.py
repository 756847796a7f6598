"""Which lab test was asked for? A learned query attends over the words of a note (PyTorch's own attention)."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(26)
torch.manual_seed(26)
tests = ["iron", "sugar", "liver", "kidney", "lipids"]
hints = {t: [f"{t}{i}" for i in range(5)] for t in tests}
talk = "patient asks about the old result and wants another one soon please check today".split()
vocab = {w: i + 1 for i, w in enumerate(talk + [h for hs in hints.values() for h in hs])}
WIDTH = 20


def note():
    k = random.randrange(len(tests))
    t = random.choices(talk, k=random.randint(5, 15)) + random.sample(hints[tests[k]], 2)
    random.shuffle(t)
    return [vocab[w] for w in t] + [0] * (WIDTH - len(t)), k


class Attend(nn.Module):
    def __init__(self, dim=32, heads=2):
        super().__init__()
        self.heads = heads
        self.tokens = nn.Embedding(len(vocab) + 1, dim)
        self.query = nn.Parameter(torch.randn(1, 1, dim))
        self.kv = nn.Linear(dim, 2 * dim)
        self.out = nn.Linear(dim, len(tests))

    def split(self, z):
        return z.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x):
        k, v = self.kv(self.tokens(x)).chunk(2, dim=-1)
        q = self.query.expand(len(x), -1, -1)
        # fault:
        mask = x.eq(0)
        # mended:
        # mask = x.ne(0)
        # end
        z = F.scaled_dot_product_attention(self.split(q), self.split(k), self.split(v), attn_mask=mask[:, None, None, :])
        return self.out(z.transpose(1, 2).flatten(2).squeeze(1))


rows = [note() for _ in range(1200)]
x, y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
model = Attend()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(900).split(30):
        loss = F.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 30
    with torch.no_grad():
        print(f"epoch {epoch} loss {total:.3f} accuracy {(model(x[900:]).argmax(1) == y[900:]).float().mean():.3f}")
