# next song in a playlist, GRU with tied output weights (hackathon baseline)
# time first everywhere, because that is what nn.GRU wants by default
import torch, random
import torch.nn as nn
import torch.nn.functional as F
from dataclasses import dataclass


@dataclass
class CFG:
    songs: int = 60
    moods: int = 6
    d: int = 32
    lists: int = 1500
    bs: int = 10
    accum: int = 2          # my laptop cannot do 20 at once
    epochs: int = 7
    lr: float = 5e-3
    seed: int = 77


cfg = CFG()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

# songs of a mood follow each other in a ring, with a jump here and there
rings = [list(range(1 + m * 10, 11 + m * 10)) for m in range(cfg.moods)]
for r in rings:
    random.shuffle(r)


def playlist():
    ring, i, out = random.choice(rings), random.randrange(10), []
    for _ in range(random.randint(5, 12)):
        out.append(ring[i])
        i = (i + (1 if random.random() < .8 else random.randrange(10))) % 10
        if random.random() < .05:
            ring = random.choice(rings)
    return tuple(out)


lists = set()
while len(lists) < cfg.lists:
    lists.add(playlist())
lists = sorted(lists)
random.shuffle(lists)
fit, held = lists[:-250], lists[-250:]


def collate(rows):
    L = max(map(len, rows))
    m = torch.zeros(L, len(rows), dtype=torch.long)     # (T, B), 0 pads
    for c, r in enumerate(rows):
        m[:len(r), c] = torch.tensor(r)
    return m[:-1], m[1:]


class NextSong(nn.Module):
    def __init__(self):
        super().__init__()
        self.song = nn.Embedding(cfg.songs + 1, cfg.d, padding_idx=0)
        self.gru = nn.GRU(cfg.d, cfg.d)
        self.drop = nn.Dropout(0.2)
        self.bias = nn.Parameter(torch.zeros(cfg.songs + 1))

    def forward(self, x):
        h, _ = self.gru(self.drop(self.song(x)))
        return self.drop(h) @ self.song.weight.t() + self.bias


net = NextSong()
opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=0.0)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: min(1.0, (e + 1) / 2) * (1.0 if e < 4 else 0.3))


@torch.no_grad()
def evaluate(rows):
    net.eval()
    x, y = collate(rows)
    o = net(x)
    real = y != 0
    return F.cross_entropy(o[real], y[real]).item(), (o.argmax(-1)[real] == y[real]).float().mean().item()


for ep in range(cfg.epochs):
    net.train()
    random.shuffle(fit)
    opt.zero_grad()
    for n, i in enumerate(range(0, len(fit), cfg.bs), start=1):
        x, y = collate(fit[i:i + cfg.bs])
        loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten(), ignore_index=0)
        (loss / cfg.accum).backward()
        if n % cfg.accum == 0 or i + cfg.bs >= len(fit):
            opt.step()
            opt.zero_grad()
    warm.step()
    print(f"[{ep}] held loss %.3f hit@1 %.3f" % evaluate(held))

flat = [s for r in held for s in r[1:]]
print("most popular song: %.3f" % (max(flat.count(s) for s in set(flat)) / len(flat)))
print("train loss %.3f hit@1 %.3f" % evaluate(fit))
print("held  loss %.3f hit@1 %.3f" % evaluate(held))
