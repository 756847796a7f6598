"""Pointer attention: a query word, a shuffled list of 5-9 words; point at the item of the query's kind."""
import random
import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)
KINDS, EACH = 12, 8
VOCAB = KINDS * EACH + 1                                   # 0 pads


def example():
    q, *rest = random.sample(range(KINDS), random.randint(5, 9))
    items = [1 + k * EACH + random.randrange(EACH) for k in [q] + rest]
    order = random.sample(range(len(items)), len(items))
    return 1 + q * EACH + random.randrange(EACH), [items[o] for o in order], order.index(0)


def tensorise(n):
    qs, lists, ans = zip(*(example() for _ in range(n)))
    x = torch.zeros(n, 9, dtype=torch.long)
    for r, l in zip(x, lists):
        r[:len(l)] = torch.tensor(l)
    return torch.tensor(qs), x, torch.tensor(ans)


class Pointer(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, d, padding_idx=0)
        self.wq, self.wk = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, q, x):
        s = torch.einsum("bd,btd->bt", self.wq(self.emb(q)), self.wk(self.emb(x)))
        return s.masked_fill(x.eq(0), float("-inf")).log_softmax(-1)


train, test = tensorise(4000), tensorise(800)
net = Pointer()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(6):
    net.train()
    total = 0.0
    for idx in torch.randperm(4000).split(50):
        q, x, a = (t[idx] for t in train)
        loss = -net(q, x).gather(1, a[:, None]).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item() * len(idx) / 4000
    net.eval()
    with torch.no_grad():
        tr, te = ((net(q, x).argmax(1) == a).float().mean() for q, x, a in (train, test))
    print(f"epoch {epoch} loss {total:.4f} train acc {tr:.3f} test acc {te:.3f}")
