"""Next step of a visitor of a web shop from the pages of the visit (what comes next hangs on the last pages seen)."""
import random
import torch
import torch.nn as nn

torch.manual_seed(23)
random.seed(23)
PAGES = [f"{a}/{b}" for a in ("home", "search", "item", "cart", "help", "account", "blog", "sale") for b in range(6)]
OUT = ["buys", "asks", "leaves", "compares"]
NEXT = {p: OUT[{"cart": 0, "help": 1, "account": 1, "blog": 2, "home": 2, "item": 3, "search": 3, "sale": 0}[p.split("/")[0]]] for p in PAGES}
index = {p: i + 1 for i, p in enumerate(PAGES)}
MAXLEN = 70


def visit():
    v = [random.choice(PAGES) for _ in range(random.randint(3, 18))]
    y = NEXT[v[-1]] if random.random() < 0.95 else random.choice(OUT)
    return v, OUT.index(y)


def tensors(n):
    x = torch.zeros(MAXLEN, n, dtype=torch.long)
    lens, y = [], []
    for i in range(n):
        v, k = visit()
        x[:len(v), i] = torch.tensor([index[p] for p in v])
        lens.append(len(v))
        y.append(k)
    return x, torch.tensor(lens), torch.tensor(y)


class Visitor(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(index) + 1, 16, padding_idx=0)
        self.rnn = nn.RNN(16, 32)
        self.out = nn.Linear(32, len(OUT))

    def forward(self, x, lens):
        states, last = self.rnn(self.embed(x))
        # fault:
        h = last[0]
        # mended:
        # h = states[lens - 1, torch.arange(x.shape[1])]
        # end
        return self.out(h)


x, lens, y = tensors(2500)
xv, lv, yv = tensors(600)
net = Visitor()
optim = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    mean = 0.0
    for b in torch.randperm(len(y)).split(25):
        loss = nn.functional.cross_entropy(net(x[:, b], lens[b]), y[b])
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optim.step()
        mean += loss.item() * len(b) / len(y)
    net.eval()
    with torch.no_grad():
        hit = (net(xv, lv).argmax(1) == yv).float().mean()
    print("epoch %d  loss %.3f  valid %.3f" % (epoch, mean, hit))
