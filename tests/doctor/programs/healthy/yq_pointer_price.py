"""Pointer network with einsum: 'cheapest' or 'dearest' -> which place of the shopping list?"""
import math
import torch
from torch import nn

torch.manual_seed(1234)
N_GOODS, PAD = 40, 0
price = torch.randperm(N_GOODS).float()                    # hidden from the model, goods are 1..N_GOODS


def make(n):
    for _ in range(n):
        k = int(torch.randint(4, 10, ()))
        goods = torch.randperm(N_GOODS)[:k]
        ask = int(torch.randint(0, 2, ()))
        p = price[goods]
        yield ask, goods + 1, int(p.argmax() if ask else p.argmin())


def stack(items):
    q = torch.tensor([a for a, _, _ in items])
    x = nn.utils.rnn.pad_sequence([g for _, g, _ in items], batch_first=True, padding_value=PAD)
    return q, x, torch.tensor([t for _, _, t in items])


class Pointer(nn.Module):
    def __init__(self, d=16, heads=2):
        super().__init__()
        self.goods = nn.Parameter(torch.randn(N_GOODS + 1, d) * 0.3)
        self.ask = nn.Parameter(torch.randn(2, heads, d) * 0.3)
        self.key = nn.Parameter(torch.randn(heads, d, d) / math.sqrt(d))
        self.mix = nn.Parameter(torch.ones(heads))

    def forward(self, q, x):
        e = self.goods[x]                                            # B T D
        k = torch.einsum("btd,hde->bhte", e, self.key)
        s = torch.einsum("bhe,bhte,h->bt", self.ask[q], k, self.mix)
        return s.masked_fill(x == PAD, float("-inf"))                # log_softmax will see -inf, never a full row of it


class EpochMeter:
    def __init__(self):
        self.loss = self.right = self.n = 0

    def add(self, loss, logits, y):
        self.loss += float(loss) * len(y)
        self.right += int((logits.argmax(1) == y).sum())
        self.n += len(y)

    def __str__(self):
        return f"loss {self.loss / self.n:.4f} acc {self.right / self.n:.4f}"


train, dev = list(make(3000)), list(make(600))
have = {(a, tuple(g.tolist())) for a, g, _ in train}
dev = [d for d in dev if (d[0], tuple(d[1].tolist())) not in have]
net = Pointer()
opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
for epoch in range(8):
    for g in opt.param_groups:
        g["lr"] = 0.01 * 0.7 ** epoch
    m = EpochMeter()
    order = torch.randperm(len(train)).tolist()
    for s in range(0, len(order), 50):
        q, x, y = stack([train[i] for i in order[s:s + 50]])
        logits = net(q, x)
        loss = -logits.log_softmax(1).gather(1, y[:, None]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        m.add(loss.detach(), logits, y)
    v = EpochMeter()
    with torch.no_grad():
        q, x, y = stack(dev)
        o = net(q, x)
        v.add(nn.functional.cross_entropy(o, y), o, y)
    print(f"{epoch}: train {m} | dev {v}")
