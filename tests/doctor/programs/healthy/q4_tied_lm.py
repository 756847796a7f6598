# my nano-transformer, notebook -> script
# next-word model over little recipe sentences, input and output tables are the same matrix
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1337)
random.seed(1337)
block_size, n_embd, n_head, batch_size = 12, 32, 4, 50

verbs = {"chop": "onion carrot leek celery".split(), "boil": "rice pasta egg potato".split(),
         "fry": "bacon egg onion tofu".split(), "bake": "bread cake pie potato".split()}
tools = {"chop": "knife", "boil": "pot", "fry": "pan", "bake": "oven"}
when = "first then later finally now".split()


def sentence():
    v = random.choice(list(verbs))
    a, b = random.choice(verbs[v]), random.choice(verbs[v])
    s = [random.choice(when), v, "the", a]
    if random.random() < 0.5:
        s += ["and", "the", b]
    s += ["with" if v == "chop" else "in", "the", tools[v]]
    if random.random() < 0.4:
        s += ["for", random.choice("two five ten twenty".split()), "minutes"]
    return tuple(s)


pool = list(dict.fromkeys(sentence() for _ in range(9000)))
random.shuffle(pool)
n_val = len(pool) // 6
val_s, train_s = pool[:n_val], pool[n_val:]
itos = ["<pad>", "<s>", "</s>"] + sorted({w for s in train_s for w in s})
stoi = {w: i for i, w in enumerate(itos)}


def tensorize(ss):
    t = torch.zeros(len(ss), block_size + 3, dtype=torch.long)
    for i, s in enumerate(ss):
        ids = [1] + [stoi[w] for w in s] + [2]
        t[i, :len(ids)] = torch.tensor(ids)
    return t


class CausalSelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (z.view(B, T, n_head, C // n_head).transpose(1, 2) for z in self.qkv(x).split(C, dim=2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.attn = CausalSelfAttention()
        self.mlp = nn.Sequential(nn.Linear(n_embd, 2 * n_embd), nn.GELU(), nn.Linear(2 * n_embd, n_embd), nn.Dropout(0.1))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class NanoLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(len(itos), n_embd)
        self.wpe = nn.Embedding(block_size + 2, n_embd)
        self.blocks = nn.Sequential(Block(), Block())
        self.ln_f = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, len(itos), bias=False)
        for e in (self.wte, self.wpe):
            nn.init.normal_(e.weight, std=0.05)
        self.head.weight = self.wte.weight

    def forward(self, idx, targets):
        x = self.wte(idx) + self.wpe(torch.arange(idx.size(1)))
        logits = self.head(self.ln_f(self.blocks(x)))
        return logits, F.cross_entropy(logits.reshape(-1, len(itos)), targets.reshape(-1), ignore_index=0)


model = NanoLM()
train_t, val_t = tensorize(train_s), tensorize(val_s)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
print(len(train_t), "train", len(val_t), "val sentences,", len(itos), "words")

for epoch in range(6):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(train_t)).split(batch_size):
        b = train_t[idx]
        _, loss = model(b[:, :-1], b[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        tot += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        logits, vloss = model(val_t[:, :-1], val_t[:, 1:])
        real = val_t[:, 1:] != 0
        acc = (logits.argmax(-1) == val_t[:, 1:])[real].float().mean().item()
    print(f"epoch {epoch}: train ppl {math.exp(tot / len(train_t)):.3f} val ppl {math.exp(vloss.item()):.3f} next-word acc {acc:.3f}")
