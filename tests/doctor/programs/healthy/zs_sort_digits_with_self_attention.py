"""Blog post code: can two layers of self-attention sort?  Input: six digits.  Output: the same digits in order, all
positions predicted at once (no decoder and no causal mask, since nothing is generated step by step)."""
import torch
import torch.nn as nn

torch.manual_seed(0)
LENGTH, BASE, DIM = 6, 10, 48


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.proj = nn.Linear(dim, dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 3 * dim), nn.GELU(), nn.Linear(3 * dim, dim))
        self.ln1, self.ln2 = nn.LayerNorm(dim), nn.LayerNorm(dim)

    def attend(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        att = (q @ k.transpose(-2, -1)) / (C // self.heads) ** 0.5
        y = att.softmax(-1) @ v
        return self.proj(y.transpose(1, 2).reshape(B, T, C))

    def forward(self, x):
        x = x + self.attend(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.digit = nn.Embedding(BASE, DIM)
        self.place = nn.Parameter(torch.randn(LENGTH, DIM) * 0.5)
        self.blocks = nn.Sequential(Block(DIM, 4), Block(DIM, 4))
        self.norm = nn.LayerNorm(DIM)
        self.out = nn.Linear(DIM, BASE)

    def forward(self, x):
        return self.out(self.norm(self.blocks(self.digit(x) + self.place)))


rows = torch.randint(0, BASE, (6000, LENGTH)).unique(dim=0)
rows = rows[torch.randperm(len(rows))]
# a multiset of digits lands entirely on one side, a permuted training row is no test row
key = (rows.sort(1).values * (BASE ** torch.arange(LENGTH))).sum(1)
multisets, which = key.unique(return_inverse=True)
held_out = (torch.rand(len(multisets)) < 0.12)[which]
train, test = rows[~held_out], rows[held_out]
print(len(train), "training rows,", len(test), "test rows")

net = Sorter()
steps, batch = 240, 80
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=steps, pct_start=0.15)


@torch.no_grad()
def check(x):
    good = net(x).argmax(-1) == x.sort(1).values
    return good.float().mean().item(), good.all(1).float().mean().item()


for step in range(steps):
    x = train[torch.randint(len(train), (batch,))]
    target = x.sort(dim=1).values
    loss = nn.functional.cross_entropy(net(x).flatten(0, 1), target.flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 60 == 59:
        print("step %4d loss %.4f | train digit %.3f row %.3f | test digit %.3f row %.3f" % (step + 1, loss.item(), *check(train[:600]), *check(test[:600])))
x = test[:3]
for a, b in zip(x.tolist(), net(x).argmax(-1).tolist()):
    print(a, "->", b)
