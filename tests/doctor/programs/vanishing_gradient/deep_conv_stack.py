"""Detect a short code in a stream of letters with a deep stack of narrow convolutions."""
import random

import torch
from torch import nn

random.seed(28)
torch.manual_seed(28)
MOTIFS = ["abca", "dccb", "bdad"]


def stream():
    s = [random.choice("abcdefgh") for _ in range(28)]
    k = random.randrange(3)
    p = random.randrange(24)
    s[p:p + 4] = MOTIFS[k]
    text = "".join(s)
    return (text, k) if sum(m in text for m in MOTIFS) == 1 else stream()


class Deep(nn.Module):
    def __init__(self, depth=14, width=24):
        super().__init__()
        self.letters = nn.Embedding(8, width)
        self.convs = nn.ModuleList([nn.Conv1d(width, width, 3, padding=1) for _ in range(depth)])
        self.out = nn.Linear(width, len(MOTIFS))

    def forward(self, x):
        h = self.letters(x).transpose(1, 2)
        for conv in self.convs:
            # fault:
            h = torch.sigmoid(conv(h))
            # mended:
            # h = h + 0.3 * torch.tanh(conv(h))
            # end
        return self.out(h.amax(2))


def tensors(n):
    rows = [stream() for _ in range(n)]
    return torch.tensor([[ord(c) - 97 for c in s] for s, _ in rows]), torch.tensor([k for _, k in rows])


x, y = tensors(1200)
xt, yt = tensors(300)
net = Deep()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(1200).split(40):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    g = net.convs[0].weight.grad.norm().item(), net.convs[-1].weight.grad.norm().item()
    with torch.no_grad():
        acc = (net(xt).argmax(1) == yt).float().mean()
    print(f"epoch {epoch} loss {total / 30:.4f} gradient first {g[0]:.1e} last {g[1]:.1e} accuracy {acc:.3f}")
