"""Next-station model for tram runs: one block of hand-written causal attention."""
import random
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(31)
STOPS, LINES, PAD = 40, 8, 0
rng = random.Random(31)
ROUTES = [rng.sample(range(1, STOPS + 1), 14) for _ in range(LINES)]


def ride():
    """First the line's number, then its stops; now and then an express skips one."""
    line = rng.randrange(LINES)
    at, step = rng.randrange(14), rng.choice([1, -1])
    out = [STOPS + 1 + 2 * line + (step > 0)]
    for _ in range(rng.randint(5, 9)):
        out.append(ROUTES[line][at % 14])
        at += step * (2 if rng.random() < 0.1 else 1)
    return tuple(out)


class CausalHeads(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.join = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        w = q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5
        w = w.masked_fill(torch.ones(t, t).triu(1).bool(), float("-inf")).softmax(-1)
        return self.join((w @ v).transpose(1, 2).reshape(b, t, d))


class TramModel(nn.Module):
    def __init__(self, dim=48, heads=4, length=10):
        super().__init__()
        self.token = nn.Embedding(STOPS + 1 + 2 * LINES, dim, padding_idx=PAD)
        self.place = nn.Parameter(torch.randn(length, dim) * 0.02)
        self.n1, self.n2, self.n3 = (nn.LayerNorm(dim) for _ in range(3))
        self.attend = CausalHeads(dim, heads)
        self.think = nn.Sequential(nn.Linear(dim, 3 * dim), nn.GELU(), nn.Linear(3 * dim, dim))
        self.out = nn.Linear(dim, STOPS + 1)

    def forward(self, ids):
        x = self.token(ids) + self.place[:ids.size(1)]
        x = x + self.attend(self.n1(x))
        x = x + self.think(self.n2(x))
        return self.out(self.n3(x))


def block(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True)


@torch.no_grad()
def check(model, data):
    model.eval()
    z, y = model(data[:, :-1]), data[:, 1:]
    real = y != PAD
    return F.cross_entropy(z[real], y[real]).item(), (z.argmax(-1) == y)[real].float().mean().item()


seen = set()
while len(seen) < 2600:
    seen.add(ride())
rows = sorted(seen)
rng.shuffle(rows)
train, test = block(rows[:2100]), block(rows[2100:])
model = TramModel()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
total = 8 * 33
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, max(0.02, 1 - s / total)))
for epoch in range(8):
    model.train()
    for i in torch.randperm(len(train)).split(64):
        batch = train[i]
        loss = F.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        opt.step()
        warm.step()
    if epoch % 2:
        print(f"epoch {epoch + 1}: train %.3f %.3f" % check(model, train), "unseen rides %.3f %.3f" % check(model, test))
