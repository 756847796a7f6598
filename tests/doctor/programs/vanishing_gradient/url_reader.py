"""Reads a URL byte by byte with a recurrence of my own; which team owns it is told by the host, right at the start."""
import random
import torch
import torch.nn as nn

random.seed(10)
torch.manual_seed(10)
HOSTS = ["shop.", "blog.", "docs.", "mail."]
PARTS = "index item user view list page query sort id session lang de en tr ref utm source".split()


def url():
    k = random.randrange(4)
    s = HOSTS[k] + "-".join(random.choices(PARTS, k=3)) + "/" + "/".join(random.choices(PARTS, k=4))
    while len(s) < 48:
        s += random.choice("?&/") + random.choice(PARTS)
    return s[:48], k


data = [url() for _ in range(2000)]
X = torch.tensor([[ord(c) for c in s] for s, _ in data])
Y = torch.tensor([k for _, k in data])
Xt, Yt, Xd, Yd = X[:1600], Y[:1600], X[1600:], Y[1600:]


class Reader(nn.Module):
    def __init__(self, d=24, h=40):
        super().__init__()
        self.h = h
        self.emb = nn.Embedding(128, d)
        self.inp = nn.Linear(d, 2 * h)
        self.rec = nn.Linear(h, 2 * h, bias=False)
        self.out = nn.Linear(h, 4)
        nn.init.constant_(self.inp.bias[h:], -3.0)

    def forward(self, x):
        s = torch.zeros(len(x), self.h)
        pre = self.inp(self.emb(x))
        for t in range(x.size(1)):
            a, b = (pre[:, t] + self.rec(s)).chunk(2, -1)
            # fault:
            s = torch.sigmoid(a + 0.1 * b)
            # mended:
            # s = s + torch.sigmoid(b) * (torch.tanh(a) - s)
            # end
        return self.out(s)


net = Reader()
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(7):
    net.train()
    total = 0.0
    for b in torch.randperm(len(Xt)).split(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(Xt[b]), Yt[b])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        acc = (net(Xd).argmax(1) == Yd).float().mean()
    print(f"epoch {epoch}: loss {total / len(Xt):.3f} dev {acc:.3f}")
