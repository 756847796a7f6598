"""Decoder-only language model on a toy grammar of kitchen sentences.

Input and output embeddings are one matrix.  We know the true entropy of the
grammar, so we can see how close the model gets.
"""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(3)
torch.manual_seed(3)

DET = ["the", "a"]
WHO = {"cook": ["fries", "boils", "bakes"], "guest": ["eats", "likes"], "waiter": ["brings", "drops", "carries", "serves"]}
WHAT = {"fries": ["egg", "onion"], "boils": ["egg", "potato"], "bakes": ["bread", "cake"], "eats": ["cake", "soup", "egg", "bread"],
        "likes": ["soup", "cake"], "brings": ["soup", "plate"], "drops": ["plate", "spoon"], "carries": ["plate", "spoon", "soup", "cake"], "serves": ["soup", "bread"]}
HOW = ["quickly", "slowly", "again", "today"]


def sentence():
    """words and the log probability of having drawn them"""
    lp, s = 0.0, []
    def pick(options):
        nonlocal lp
        lp -= math.log(len(options))
        s.append(options[rng.integers(len(options))])
        return s[-1]
    pick(DET); who = pick(list(WHO)); verb = pick(WHO[who]); pick(DET); pick(WHAT[verb])
    if rng.random() < 0.5:
        lp += math.log(0.5); pick(HOW)
    else:
        lp += math.log(0.5)
    s.append(".")
    return s, lp


words = sorted({*DET, *WHO, *HOW, ".", *(v for vs in WHO.values() for v in vs), *(o for os_ in WHAT.values() for o in os_)})
stoi = {w: i for i, w in enumerate(words)}


def stream(n_sent):
    toks, lp = [], 0.0
    for _ in range(n_sent):
        s, l = sentence()
        toks += [stoi[w] for w in s]
        lp += l
    return torch.tensor(toks), -lp / len(toks)


train_ids, _ = stream(5000)
valid_ids, true_h = stream(800)
BLOCK = 24


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = (z.view(B, T, self.heads, -1).transpose(1, 2) for z in self.qkv(self.n1(x)).chunk(3, -1))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.n2(x))


class LM(nn.Module):
    def __init__(self, V, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d), nn.Embedding(BLOCK, d)
        self.blocks = nn.Sequential(Block(d, 2), Block(d, 2))
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, V, bias=False)
        nn.init.normal_(self.tok.weight, std=0.05)
        nn.init.normal_(self.pos.weight, std=0.05)
        self.out.weight = self.tok.weight

    def forward(self, idx):
        return self.out(self.norm(self.blocks(self.tok(idx) + self.pos.weight[:idx.size(1)])))


model = LM(len(words))
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
STEPS = 320
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, STEPS, 1e-4)


@torch.no_grad()
def evaluate(ids):
    model.eval()
    n = (len(ids) - 1) // BLOCK
    x, y = ids[:n * BLOCK].view(n, BLOCK), ids[1:n * BLOCK + 1].view(n, BLOCK)
    l = F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()
    model.train()
    return l


run = 0
for step in range(1, STEPS + 1):
    at = torch.randint(len(train_ids) - BLOCK - 1, (24,))
    x = torch.stack([train_ids[i:i + BLOCK] for i in at])
    y = torch.stack([train_ids[i + 1:i + 1 + BLOCK] for i in at])
    loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    opt.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    run += loss.item()
    if step % 80 == 0:
        print(f"step {step} train {run / 80:.3f} valid {evaluate(valid_ids):.3f} (grammar {true_h:.3f})")
        run = 0
print("valid ppl %.2f, best possible %.2f" % (math.exp(evaluate(valid_ids)), math.exp(true_h)))
