"""A tiny decoder-only language model for recipes in a fixed grammar."""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(81)
torch.manual_seed(81)
TOOLS = {"knife": "cut", "pan": "fry", "oven": "bake", "pot": "boil"}
FOODS = {"cut": ["bread", "carrot"], "fry": ["egg", "onion"], "bake": ["cake", "pie"], "boil": ["rice", "pasta"]}


def recipe():
    tool = random.choice(list(TOOLS))
    verb = TOOLS[tool]
    food = random.choice(FOODS[verb])
    return ["<s>", "take", "the", tool, "and", verb, "the", food, "then", "serve", "the", food]


itos = sorted({w for _ in range(300) for w in recipe()})
stoi = {w: i for i, w in enumerate(itos)}


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(self.ln1(x)).split(C, dim=2)
        q, k, v = (t.view(B, T, self.heads, C // self.heads).transpose(1, 2) for t in (q, k, v))
        att = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        # fault:
        # mended:
        # att = att.masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
        # end
        y = (F.softmax(att, dim=-1) @ v).transpose(1, 2).reshape(B, T, C)
        x = x + self.proj(y)
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, vocab, d=32, layers=2, context=12):
        super().__init__()
        self.wte = nn.Embedding(vocab, d)
        self.wpe = nn.Embedding(context, d)
        self.blocks = nn.Sequential(*[Block(d, 4) for _ in range(layers)])
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, vocab, bias=False)

    def forward(self, idx):
        x = self.wte(idx) + self.wpe(torch.arange(idx.size(1)))
        return self.head(self.ln(self.blocks(x)))


def get_batch(n):
    data = torch.tensor([[stoi[w] for w in recipe()] for _ in range(n)])
    return data[:, :-1], data[:, 1:]


model = GPT(len(itos))
opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.0)
for it in range(1, 201):
    x, y = get_batch(32)
    loss = F.cross_entropy(model(x).view(-1, len(itos)), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 40 == 0:
        print(f"iter {it}: loss {loss.item():.4f}")

model.eval()
good = 0
with torch.no_grad():
    for _ in range(60):
        words = recipe()[:4]
        ids = [stoi[w] for w in words]
        while len(ids) < 12:
            p = F.softmax(model(torch.tensor([ids]))[0, -1], dim=-1)
            ids.append(int(torch.multinomial(p, 1)))
        out = [itos[i] for i in ids]
        verb = TOOLS[words[3]]
        good += out[5] == verb and out[7] in FOODS[verb] and out[11] == out[7]
print(" ".join(out))
print("valid recipes", good / 60)
