# Small causal transformer on sentences of a toy grammar with number agreement; output weights tied to the embedding
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(2)
torch.manual_seed(2)
NOUN = [["dog", "cat", "child", "teacher"], ["dogs", "cats", "children", "teachers"]]
VERB = [["sees", "likes", "follows"], ["see", "like", "follow"]]
BE = ["is", "are"]
ADJ = ["old", "young", "happy", "tall"]


def noun_phrase(depth):
    n = rng.integers(2)
    words = ["the"] + ([rng.choice(ADJ)] if rng.random() < .4 else []) + [rng.choice(NOUN[n])]
    if depth and rng.random() < .5:
        inner, m = noun_phrase(0)
        words += ["near"] + inner
    return words, n


def sentence():
    subj, n = noun_phrase(1)
    if rng.random() < .5:
        return subj + [BE[n], rng.choice(ADJ), "."]
    return subj + [rng.choice(VERB[n])] + noun_phrase(0)[0] + ["."]


corpus = list(dict.fromkeys(tuple(sentence()) for _ in range(3600)))
itos = ["<pad>", "<s>"] + sorted({w for s in corpus for w in s})
stoi = {w: i for i, w in enumerate(itos)}
L = max(map(len, corpus)) + 1
data = torch.zeros(len(corpus), L, dtype=torch.long)
for i, s in enumerate(corpus):
    data[i, :len(s) + 1] = torch.tensor([1] + [stoi[w] for w in s])
data = data[torch.randperm(len(data))]
train, valid = data[:-400], data[-400:]
print(len(train), "training sentences,", len(itos), "words")


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.heads = heads

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = (t.view(B, T, self.heads, -1).transpose(1, 2) for t in self.qkv(self.ln1(x)).chunk(3, -1))
        a = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(a.transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.ln2(x))


class LM(nn.Module):
    def __init__(self, v, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, d), nn.Embedding(L, d)
        nn.init.normal_(self.tok.weight, std=d ** -.5)
        nn.init.normal_(self.pos.weight, std=d ** -.5)
        self.blocks = nn.Sequential(Block(d, 2), Block(d, 2))
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, v, bias=False)
        self.head.weight = self.tok.weight

    def forward(self, x):
        return self.head(self.ln(self.blocks(self.tok(x) + self.pos.weight[:x.size(1)])))


def nll(model, x):
    x = x[:, :int((x != 0).sum(1).max())]
    return nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)


model = LM(len(itos))
EPOCHS, BS = 7, 64
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(.9, .98), weight_decay=.01)
total = EPOCHS * math.ceil(len(train) / BS)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda k: min((k + 1) / 20, .5 * (1 + math.cos(math.pi * k / total))))
for epoch in range(EPOCHS):
    run = []
    for idx in torch.randperm(len(train)).split(BS):
        loss = nll(model, train[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step()
        sched.step()
        run.append(loss.item())
    with torch.no_grad():
        print("epoch %d  train ppl %.3f  valid ppl %.3f" % (epoch + 1, math.exp(np.mean(run)), math.exp(nll(model, valid).item())))

# agreement over an attractor: "the dog near the cats" -> is, not are
good, trials = 0, 0
for n in (0, 1):
    for a in NOUN[n]:
        for b in NOUN[1 - n]:
            x = torch.tensor([[1] + [stoi[w] for w in ["the", a, "near", "the", b]]])
            with torch.no_grad():
                p = model(x)[0, -1]
            good += bool(p[stoi[BE[n]]] > p[stoi[BE[1 - n]]])
            trials += 1
print("agreement over an attractor: %d of %d" % (good, trials))
