"""A tiny causal Transformer language model over web-shop click logs; input and output embeddings are one matrix."""
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1337)
R = random.Random(1337)
PAGES = ["home", "search", "item", "cart", "pay", "help", "bye"]
CATS = ["shoes", "books", "toys", "lamps", "tea"]
itos = ["<s>"] + PAGES + CATS
stoi = {t: i for i, t in enumerate(itos)}
NEXT = {"home": {"search": 7, "help": 1, "bye": 2}, "search": {"item": 7, "search": 2, "home": 1}, "item": {"cart": 3, "search": 4, "bye": 2},
        "cart": {"pay": 5, "search": 3, "help": 1}, "pay": {"bye": 6, "home": 2}, "help": {"home": 5, "bye": 2}}


def visit():
    out, page, cat = [], "home", R.choice(CATS)
    while True:
        out.append(page)
        if page == "search":
            if R.random() < 0.15: cat = R.choice(CATS)
        if page in ("search", "item", "cart"): out.append(cat)      # the category stays until the next search
        if page == "bye": return out
        page = R.choices(list(NEXT[page]), list(NEXT[page].values()))[0]


def stream(n):
    ids = []
    while len(ids) < n:
        ids += [0] + [stoi[t] for t in visit()]
    return torch.tensor(ids[:n])


train_data, val_data = stream(40_000), stream(6_000)
block, batch = 32, 32


def get_batch(data):
    ix = torch.randint(len(data) - block - 1, (batch,))
    return torch.stack([data[i:i + block] for i in ix]), torch.stack([data[i + 1:i + block + 1] for i in ix])


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d)
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 3 * d), nn.GELU(), nn.Linear(3 * d, d))

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(B, T, D))
        return x + self.mlp(self.ln2(x))


class LM(nn.Module):
    def __init__(self, V, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d), nn.Parameter(0.02 * torch.randn(block, d))
        self.blocks, self.ln = nn.Sequential(Block(d, 2), Block(d, 2)), nn.LayerNorm(d)
        nn.init.normal_(self.tok.weight, std=0.05)
        self.head = nn.Linear(d, V, bias=False)
        self.head.weight = self.tok.weight

    def forward(self, idx, targets):
        logits = self.head(self.ln(self.blocks(self.tok(idx) + self.pos[:idx.size(1)])))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@torch.no_grad()
def estimate(data, iters=8):
    model.eval()
    out = sum(model(*get_batch(data))[1].item() for _ in range(iters)) / iters
    model.train()
    return out


freq = torch.bincount(train_data, minlength=len(itos)).float() / len(train_data)
print(f"unigram perplexity on validation: {math.exp(-freq[val_data].log().mean()):.2f}")
model = LM(len(itos))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.95), weight_decay=0.05)
MAX = 260
for it in range(MAX + 1):
    if it % 40 == 0 or it == MAX:
        a, b = estimate(train_data), estimate(val_data)
        print(f"iter {it}: train ppl {math.exp(a):.2f}, val ppl {math.exp(b):.2f}")
    for group in opt.param_groups:
        group["lr"] = 4e-3 * min(1, (it + 1) / 20) * (0.1 + 0.45 * (1 + math.cos(math.pi * it / MAX)))
    loss = model(*get_batch(train_data))[1]
    opt.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
