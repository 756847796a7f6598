"""minGPT-like model of drum patterns (one token per sixteenth), trained from scratch and used to continue a bar."""
import math
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F

torch.manual_seed(1234)
g = torch.Generator().manual_seed(99)


@dataclass
class Config:
    vocab_size: int = 16
    block_size: int = 32
    n_layer: int = 2
    n_head: int = 2
    n_embd: int = 32


class Attention(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.qkv = nn.Linear(cfg.n_embd, 3 * cfg.n_embd)
        self.proj = nn.Linear(cfg.n_embd, cfg.n_embd)
        self.n_head = cfg.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (t.view(B, T, self.n_head, -1).transpose(1, 2) for t in self.qkv(x).split(C, dim=2))
        # fault:
        y = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(cfg.n_embd), nn.LayerNorm(cfg.n_embd)
        self.attn = Attention(cfg)
        self.mlp = nn.Sequential(nn.Linear(cfg.n_embd, 2 * cfg.n_embd), nn.GELU(), nn.Linear(2 * cfg.n_embd, cfg.n_embd))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class DrumGPT(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.wte = nn.Embedding(cfg.vocab_size, cfg.n_embd)
        self.wpe = nn.Embedding(cfg.block_size, cfg.n_embd)
        self.h = nn.ModuleList([Block(cfg) for _ in range(cfg.n_layer)])
        self.ln_f = nn.LayerNorm(cfg.n_embd)
        self.head = nn.Linear(cfg.n_embd, cfg.vocab_size, bias=False)

    def forward(self, idx, targets=None):
        x = self.wte(idx) + self.wpe.weight[:idx.size(1)]
        for b in self.h:
            x = b(x)
        logits = self.head(self.ln_f(x))
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


def bars(n):
    """Markov chain of order one over hits, with a fixed accent on every eighth step."""
    cfg_g = torch.Generator().manual_seed(7)
    trans = torch.softmax(2.2 * torch.randn(15, 15, generator=cfg_g), -1)
    out = torch.zeros(n, 33, dtype=torch.long)
    cur = torch.randint(0, 15, (n,), generator=g)
    for t in range(33):
        if t % 8 == 0:
            out[:, t] = 15
        else:
            cur = torch.multinomial(trans[cur], 1, generator=g).squeeze(1)
            out[:, t] = cur
    return out


cfg = Config()
train, val = bars(1500), bars(250)
model = DrumGPT(cfg)
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.01)
for step in range(1, 301):
    model.train()
    b = train[torch.randint(0, len(train), (32,))]
    _, loss = model(b[:, :-1], b[:, 1:])
    opt.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        model.eval()
        with torch.no_grad():
            vl = model(val[:, :-1], val[:, 1:])[1].item()
        print(f"step {step:4d} train {loss.item():.3f} val {vl:.3f} (uniform {math.log(16):.3f})")

model.eval()
with torch.no_grad():
    hit = [(model(val[:, :t])[0][:, -1].argmax(-1) == val[:, t]).float().mean().item() for t in range(4, 32, 3)]
    bar = val[:1, :8]
    while bar.size(1) < 24:
        bar = torch.cat([bar, model(bar)[0][:, -1].argmax(-1, keepdim=True)], 1)
print("next hit guessed from the beginning of a bar:", round(sum(hit) / len(hit), 3))
print("continued:", bar[0].tolist())
