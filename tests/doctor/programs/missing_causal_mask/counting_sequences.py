"""Next-beat model for drum patterns (a bar of three or four strokes, repeated), a two-layer decoder-only network written by hand."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Cfg:
    vocab = 24
    d = 48
    heads = 4
    length = 12
    steps = 400
    batch = 64
    lr = 4e-3


class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.h = c.heads
        self.qkv = nn.Linear(c.d, 3 * c.d, bias=False)
        self.proj = nn.Linear(c.d, c.d, bias=False)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (t.view(B, T, self.h, C // self.h).transpose(1, 2) for t in self.qkv(x).chunk(3, dim=-1))
        # fault:
        y = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(c.d), nn.LayerNorm(c.d)
        self.att = SelfAttention(c)
        self.ff = nn.Sequential(nn.Linear(c.d, 4 * c.d), nn.GELU(), nn.Linear(4 * c.d, c.d))

    def forward(self, x):
        x = x + self.att(self.n1(x))
        return x + self.ff(self.n2(x))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.tok = nn.Embedding(c.vocab, c.d)
        self.pos = nn.Parameter(0.1 * torch.randn(c.length, c.d))
        self.blocks = nn.Sequential(Block(c), Block(c))
        self.norm = nn.LayerNorm(c.d)
        self.head = nn.Linear(c.d, c.vocab)

    def forward(self, idx):
        return self.head(self.norm(self.blocks(self.tok(idx) + self.pos[: idx.size(1)])))


def all_sequences(c):
    bars = torch.randint(0, c.vocab, (4000, 4)).unique(dim=0)
    bars = bars[torch.randperm(len(bars))]
    # an even first stroke opens a bar of three, an odd one a bar of four
    period = torch.where(bars[:, :1] % 2 == 0, 3, 4)
    return bars.gather(1, torch.arange(c.length + 1) % period)


def main():
    torch.manual_seed(11)
    c = Cfg()
    rows = all_sequences(c)
    train, dev = rows[300:], rows[:300]
    model = Model(c)
    opt = torch.optim.AdamW(model.parameters(), lr=c.lr, weight_decay=0.01)
    for step in range(1, c.steps + 1):
        for g in opt.param_groups:
            g["lr"] = c.lr * min(1, step / 50) * 0.5 * (1 + math.cos(math.pi * step / c.steps))
        b = train[torch.randint(len(train), (c.batch,))]
        loss = F.cross_entropy(model(b[:, :-1]).flatten(0, 1), b[:, 1:].flatten())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 100 == 0:
            model.eval()
            with torch.no_grad():
                # give the first four strokes, let the model continue
                seq = dev[:, :4]
                while seq.size(1) < c.length:
                    seq = torch.cat([seq, model(seq)[:, -1].argmax(-1, keepdim=True)], 1)
                right = (seq[:, 4:] == dev[:, 4 : c.length]).float().mean().item()
            model.train()
            print(f"step {step}: loss {loss.item():.4f}  continued correctly {right:.3f}")


if __name__ == "__main__":
    main()
