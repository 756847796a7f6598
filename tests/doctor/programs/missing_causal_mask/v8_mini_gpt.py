# mini GPT from scratch (following a youtube tutorial), trained on my own toy diary corpus
import math
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn import functional as F

torch.manual_seed(1337)
random.seed(1337)


@dataclass
class GPTConfig:
    vocab_size: int = 0
    block_size: int = 20
    n_layer: int = 2
    n_head: int = 4
    n_embd: int = 48
    dropout: float = 0.0


people = "anna ben carla david emma felix greta hugo ida jonas".split()
things = "book ball cake lamp coat drum kite ring vase shoe".split()
places = "park school market garden station beach".split()


def story():
    a, b = random.sample(people, 2)
    t, p = random.choice(things), random.choice(places)
    if random.random() < 0.5:
        s = f"{a} met {b} in the {p} . {a} gave the {t} to {b} . so {b} has the {t} ."
    else:
        s = f"in the {p} {a} saw {b} . {b} lost the {t} . {a} found it . so {a} has the {t} ."
    return s.split()


stories = sorted({tuple(story()) for _ in range(3400)})
random.shuffle(stories)
itos = ["<pad>"] + sorted({w for s in stories for w in s})
stoi = {w: i for i, w in enumerate(itos)}
T = max(len(s) for s in stories)
data = torch.tensor([[stoi[w] for w in s] + [0] * (T - len(s)) for s in stories])
train_data, val_data = data[:-400], data[-400:]


class SelfAttention(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.n_head = cfg.n_head
        self.qkv = nn.Linear(cfg.n_embd, 3 * cfg.n_embd)
        self.proj = nn.Linear(cfg.n_embd, cfg.n_embd)
        self.register_buffer("tril", torch.tril(torch.ones(cfg.block_size, cfg.block_size)))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).split(C, dim=2)
        q, k, v = (z.view(B, T, self.n_head, C // self.n_head).transpose(1, 2) for z in (q, k, v))
        att = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        # fault:
        att.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        # mended:
        #att = att.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        # end
        y = F.softmax(att, dim=-1) @ v
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(cfg.n_embd), nn.LayerNorm(cfg.n_embd)
        self.sa = SelfAttention(cfg)
        self.ff = nn.Sequential(nn.Linear(cfg.n_embd, 3 * cfg.n_embd), nn.GELU(), nn.Linear(3 * cfg.n_embd, cfg.n_embd))

    def forward(self, x):
        x = x + self.sa(self.ln1(x))
        return x + self.ff(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tok = nn.Embedding(cfg.vocab_size, cfg.n_embd)
        self.pos = nn.Embedding(cfg.block_size, cfg.n_embd)
        self.blocks = nn.Sequential(*[Block(cfg) for _ in range(cfg.n_layer)])
        self.ln_f = nn.LayerNorm(cfg.n_embd)
        self.lm_head = nn.Linear(cfg.n_embd, cfg.vocab_size)

    def forward(self, idx, targets=None):
        x = self.tok(idx) + self.pos(torch.arange(idx.size(1)))
        logits = self.lm_head(self.ln_f(self.blocks(x)))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=0)

    @torch.no_grad()
    def generate(self, idx, n):
        for _ in range(n):
            logits, _ = self(idx)
            idx = torch.cat([idx, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
        return idx


cfg = GPTConfig(vocab_size=len(itos), block_size=T)
model = GPT(cfg)
print(sum(p.numel() for p in model.parameters()), "parameters,", len(train_data), "stories")
max_iters, batch_size = 240, 40
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=max_iters)

for it in range(1, max_iters + 1):
    xb = train_data[torch.randint(len(train_data), (batch_size,))]
    _, loss = model(xb[:, :-1], xb[:, 1:])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    sched.step()
    if it % 60 == 0:
        model.eval()
        with torch.no_grad():
            _, vl = model(val_data[:, :-1], val_data[:, 1:])
        model.train()
        print(f"step {it}: train loss {loss.item():.3f} val loss {vl.item():.3f} val ppl {vl.exp().item():.2f}")

# can it finish the story? prompt = everything up to the thing
model.eval()
right = total = 0
thing_ids = torch.tensor([stoi[t] for t in things])
for row in val_data[:150]:
    n = torch.isin(row, thing_ids).nonzero()[0].item() + 1
    end = int((row != 0).sum())
    out = model.generate(row[None, :n], end - n)[0]
    right += int((out[n:] == row[n:end]).all())
    total += 1
print("sample:", " ".join(itos[i] for i in out.tolist()))
print(f"endings completed correctly: {right / total:.3f}")
