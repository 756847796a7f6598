"""Character language model of German number words; prompts are padded on the LEFT so that generation can go on at the right end.
minGPT in 60 lines, one block."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(10)
torch.manual_seed(10)
EINER = ["", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
ZEHNER = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]


def wort(n):
    if n >= 1000:
        return EINER[n // 1000] + "tausend" + wort(n % 1000)
    if n >= 100:
        return EINER[n // 100] + "hundert" + wort(n % 100)
    if n >= 20:
        return (EINER[n % 10] + "und" if n % 10 else "") + ZEHNER[n // 10]
    return EINER[n] + ("s" if n == 1 else "")


words = [wort(n) for n in random.sample(range(1, 10000), 2000)]
chars = sorted(set("".join(words)))
stoi = {c: i + 2 for i, c in enumerate(chars)}      # 0 pad, 1 end of word
V, T, D, HEADS = len(stoi) + 2, max(map(len, words)) + 1, 48, 4


def encode(ws):
    x = torch.zeros(len(ws), T, dtype=torch.long)
    for i, w in enumerate(ws):
        ids = [stoi[c] for c in w] + [1]
        x[i, T - len(ids):] = torch.tensor(ids)
    return x


train, dev = encode(words[:1700]), encode(words[1700:])


class CharModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, D, padding_idx=0)
        self.pos = nn.Embedding(T, D)
        self.qkv = nn.Linear(D, 3 * D)
        self.mix = nn.Linear(D, D)
        self.ln1, self.ln2, self.ln3 = nn.LayerNorm(D), nn.LayerNorm(D), nn.LayerNorm(D)
        self.mlp = nn.Sequential(nn.Linear(D, 2 * D), nn.GELU(), nn.Linear(2 * D, D))
        self.head = nn.Linear(D, V)
        self.register_buffer("causal", torch.tril(torch.ones(T, T, dtype=torch.bool)))

    def forward(self, x):
        B, L = x.shape
        h = self.tok(x) + self.pos(((x != 0).cumsum(1) - 1).clamp(min=0))
        q, k, v = (t.view(B, L, HEADS, D // HEADS).transpose(1, 2) for t in self.qkv(self.ln1(h)).split(D, dim=2))
        att = q @ k.transpose(2, 3) / math.sqrt(D // HEADS)
        # fault:
        keep = self.causal[:L, :L] & (x != 0)[:, None, None, :]
        # mended:
        # keep = self.causal[:L, :L] & ((x != 0)[:, None, None, :] | torch.eye(L, dtype=torch.bool))
        # end
        att = att.masked_fill(~keep, float("-inf")).softmax(-1)
        h = h + self.mix((att @ v).transpose(1, 2).reshape(B, L, D))
        h = h + self.mlp(self.ln2(h))
        return self.head(self.ln3(h))


def nll(model, x):
    logits = model(x[:, :-1])
    return F.cross_entropy(logits[x[:, :-1] != 0], x[:, 1:][x[:, :-1] != 0])


model = CharModel()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
epochs, bs = 10, 50
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 20) * (0.55 + 0.45 * math.cos(math.pi * s / (epochs * 34))))
for epoch in range(epochs):
    model.train()
    tot = 0.0
    for b in torch.randperm(len(train)).split(bs):
        loss = nll(model, train[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(); sched.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch}: train {tot / len(train):.3f} nats/char, dev {nll(model, dev):.3f}, dev ppl {nll(model, dev).exp():.2f}")
