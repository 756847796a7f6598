"""chordgpt.py -- a tiny language model over chord progressions, in the spirit of minGPT."""
import math
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F

torch.manual_seed(1234)
g = torch.Generator().manual_seed(99)

CHORDS = ["I", "ii", "iii", "IV", "V", "vi", "vii", "i", "iv", "v", "VI", "VII", "III", "V7"]
VOCAB = ["<major>", "<minor>"] + CHORDS
ID = {c: i for i, c in enumerate(VOCAB)}
RULES = {
    "<major>": {"I": ["IV", "V", "vi", "ii"], "ii": ["V", "V7", "IV"], "iii": ["vi", "IV"], "IV": ["V", "I", "ii"],
                "V": ["I", "vi"], "V7": ["I"], "vi": ["ii", "IV", "iii"], "vii": ["I"]},
    "<minor>": {"i": ["iv", "VI", "VII", "v"], "iv": ["V7", "i", "VII"], "v": ["i", "VI"], "VI": ["VII", "III", "iv"],
                "VII": ["i", "III"], "III": ["VI", "iv"], "V7": ["i", "VI"]},
}
PROB = {1: [1.0], 2: [0.75, 0.25], 3: [0.6, 0.3, 0.1], 4: [0.5, 0.3, 0.15, 0.05]}


def progression(n):
    mode = "<major>" if torch.rand(1, generator=g) < 0.5 else "<minor>"
    seq, c = [mode], "I" if mode == "<major>" else "i"
    while len(seq) < n:
        seq.append(c)
        nxt = RULES[mode][c]
        c = nxt[torch.multinomial(torch.tensor(PROB[len(nxt)]), 1, generator=g).item()]
    return [ID[t] for t in seq]


@dataclass
class Config:
    block: int = 24
    layers: int = 2
    heads: int = 4
    width: int = 48
    dropout: float = 0.05


class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.qkv = nn.Linear(c.width, 3 * c.width)
        self.proj = nn.Linear(c.width, c.width)
        self.drop = nn.Dropout(c.dropout)
        self.rel = nn.Parameter(torch.zeros(c.heads, 2 * c.block - 1))     # one bias per distance
        self.register_buffer("tril", torch.tril(torch.ones(c.block, c.block, dtype=torch.bool)))
        pos = torch.arange(c.block)
        self.register_buffer("dist", pos[None, :] - pos[:, None] + c.block - 1)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (t.view(B, T, self.c.heads, -1).transpose(1, 2) for t in self.qkv(x).split(C, dim=2))
        att = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1)) + self.rel[:, self.dist[:T, :T]]
        # fault:
        att = self.drop(F.softmax(att, dim=-1))
        # mended:
        # att = att.masked_fill(~self.tril[:T, :T], float("-inf"))
        # att = self.drop(F.softmax(att, dim=-1))
        # end
        return self.proj((att @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(c.width), nn.LayerNorm(c.width)
        self.attn = SelfAttention(c)
        self.mlp = nn.Sequential(nn.Linear(c.width, 3 * c.width), nn.GELU(), nn.Linear(3 * c.width, c.width), nn.Dropout(c.dropout))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class ChordGPT(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.tok = nn.Embedding(len(VOCAB), c.width)
        self.blocks = nn.Sequential(*[Block(c) for _ in range(c.layers)])
        self.ln = nn.LayerNorm(c.width)
        self.head = nn.Linear(c.width, len(VOCAB), bias=False)
        nn.init.normal_(self.tok.weight, std=0.2)
        nn.init.normal_(self.head.weight, std=0.05)

    def forward(self, idx, targets=None):
        logits = self.head(self.ln(self.blocks(self.tok(idx))))
        loss = None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss

    @torch.no_grad()
    def generate(self, idx, n):
        for _ in range(n):
            logits, _ = self(idx[:, -self.c.block:])
            idx = torch.cat([idx, torch.multinomial(F.softmax(logits[:, -1], -1), 1)], 1)
        return idx


def legal(seqs):
    ok = n = 0
    for s in seqs.tolist():
        rules = RULES[VOCAB[s[0]]]
        for a, b in zip(s[1:], s[2:]):
            ok += VOCAB[b] in rules.get(VOCAB[a], [])
            n += 1
    return ok / n


cfg = Config()
data = torch.tensor([progression(cfg.block + 1) for _ in range(1800)])
train, val = data[:1500], data[1500:]
model = ChordGPT(cfg)
decay = [p for p in model.parameters() if p.dim() >= 2]
other = [p for p in model.parameters() if p.dim() < 2]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": other, "weight_decay": 0.0}], lr=3e-3)

for epoch in range(4):
    model.train()
    for b in torch.randperm(len(train)).split(50):
        _, loss = model(train[b, :-1], train[b, 1:])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    model.eval()
    with torch.no_grad():
        _, vl = model(val[:, :-1], val[:, 1:])
    print(f"epoch {epoch}: train loss {loss.item():.3f}  val perplexity {vl.exp().item():.3f}")
start = torch.tensor([[0]] * 50 + [[1]] * 50)
sample = model.generate(start, cfg.block - 1)
print("sample:", " ".join(VOCAB[i] for i in sample[0].tolist()))
print("legal chord changes in 100 samples: %.3f" % legal(sample))
