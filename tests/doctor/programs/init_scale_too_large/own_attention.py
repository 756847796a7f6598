"""Sort help-desk lines with a single block of self-attention written by hand."""
import random

import torch
from torch import nn

random.seed(79)
torch.manual_seed(79)
pairs = [("screen", "black"), ("screen", "cracked"), ("battery", "flat"), ("battery", "hot"), ("sound", "low"), ("sound", "noisy")]
plain = "my new since update the is and phone very always please help what can i do".split()
vocab = {w: i + 1 for i, w in enumerate(sorted({w for p in pairs for w in p}) + plain)}


def line():
    k = random.randrange(len(pairs))
    t = random.choices(plain, k=random.randint(4, 8)) + list(pairs[k])
    random.shuffle(t)
    return [vocab[w] for w in t], k


class Block(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        # fault:
        scale = 1.0
        # mended:
        # scale = d**-0.5
        # end
        self.e = nn.Parameter(torch.randn(len(vocab) + 1, d))
        self.q = nn.Parameter(torch.randn(d, d) * scale)
        self.k = nn.Parameter(torch.randn(d, d) * scale)
        self.v = nn.Parameter(torch.randn(d, d) * scale)
        self.o = nn.Parameter(torch.randn(d, len(pairs)) * scale)

    def forward(self, x):
        real = x.ne(0)
        h = self.e[x]
        scores = (h @ self.q) @ (h @ self.k).transpose(1, 2) / 8
        a = scores.masked_fill(~real[:, None], -1e9).softmax(-1)
        z = h + a @ (h @ self.v)
        return (z * real[..., None]).sum(1) / real.sum(1, keepdim=True) @ self.o


def tensors(n):
    rows = [line() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor(t) for t, _ in rows], batch_first=True)
    return x, torch.tensor([k for _, k in rows])


x, y = tensors(900)
xt, yt = tensors(300)
block = Block()
opt = torch.optim.Adam(block.parameters(), lr=2e-3)
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(900).split(30):
        loss = nn.functional.cross_entropy(block(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        out = block(xt)
        print(f"epoch {epoch} loss {total / 30:.3f} test loss {nn.functional.cross_entropy(out, yt):.3f} accuracy {(out.argmax(1) == yt).float().mean():.3f}")
