"""Curriculum by length ("learning to execute" in small): a GRU tags every place with the running sum mod 4; digits come as words of a made-up text."""
import itertools
import torch
import torch.nn as nn

torch.manual_seed(6)
MOD, FILL = 4, 6            # tokens 0..3 are numbers, 4..9 mean nothing, 10 is padding
PAD = MOD + FILL


def batch(n, max_len):
    lens = torch.randint(max(2, max_len // 2), max_len + 1, (n,))
    x = torch.randint(0, MOD + FILL, (n, max_len))
    val = torch.where(x < MOD, x, torch.zeros_like(x))
    y = val.cumsum(1) % MOD
    inside = torch.arange(max_len)[None] < lens[:, None]
    return x.masked_fill(~inside, PAD), y.masked_fill(~inside, -100)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(PAD + 1, 16, padding_idx=PAD)
        self.r = nn.GRU(16, 32, batch_first=True)
        self.o = nn.Linear(32, MOD)

    def forward(self, x):                    # padding is on the right, so it can't reach a real place
        return self.o(self.r(self.e(x))[0])


net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=1.5e-2)
crit = nn.CrossEntropyLoss(ignore_index=-100)
tests = {n: batch(300, n) for n in (4, 8, 12, 18)}


@torch.no_grad()
def accuracy(n):
    net.eval()
    x, y = tests[n]
    ok = net(x).argmax(-1) == y
    return (ok.sum() / (y >= 0).sum()).item()


for level in (4, 8, 12, 18):
    for g in opt.param_groups:
        g["lr"] = 1.5e-2 * (4 / level) ** 1.5
    for tries in itertools.count(1):
        net.train()
        run = 0.0
        for _ in range(25):
            x, y = batch(64, level)
            loss = crit(net(x).transpose(1, 2), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            run += loss.item() / 25
        a = accuracy(level)
        if a > 0.99 or tries == 12:
            break
    print(f"length up to {level:2d}: {tries * 25:3d} steps, loss {run:.4f}, accuracy {a:.3f}")
print("final, by length", {n: round(accuracy(n), 3) for n in tests})
