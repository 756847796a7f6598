#!/usr/bin/env python3
# Voice commands for my raspberry pi flat.  Whisper gives me the text, this guesses what I wanted.
# One attention block is plenty.   -- Joost, Eindhoven
import math
import random
import torch
from torch import nn
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)

KEYS = {
    "lights":  "lamp bulb bright dim dark glow led chandelier shine lantern".split(),
    "heating": "warm cold radiator degrees thermostat freezing heater cosy chilly boiler".split(),
    "music":   "song play volume album band louder jazz radio track singer".split(),
    "blinds":  "curtain shutter blind roller window sunlight shade slats awning drape".split(),
    "kitchen": "kettle coffee oven toast espresso tea stove microwave brew dish".split(),
}
TALK = ("hey please could you the a in my now just for me would like to can it some make set turn on off up down "
        "bit room bedroom living hall office again later tonight maybe really thanks house").split()
NAMES = sorted(KEYS)

def utter(k):
    words = random.choices(TALK, k=random.randint(3, 9)) + random.sample(KEYS[k], 2)
    random.shuffle(words)
    return " ".join(words)

seen, rows = set(), []
while len(rows) < 1500:
    k = random.choice(NAMES)
    u = utter(k)
    if u not in seen:
        seen.add(u)
        rows.append((u, NAMES.index(k)))
train, test = rows[:1100], rows[1100:]

PAD, CLS, UNK, LEN = 0, 1, 2, 16
stoi = {}
for u, _ in train:
    for w in u.split():
        stoi.setdefault(w, len(stoi) + 3)

def encode(part):
    X = torch.full((len(part), LEN), PAD)
    for i, (u, _) in enumerate(part):
        ids = [CLS] + [stoi.get(w, UNK) for w in u.split()]
        X[i, :len(ids)] = torch.tensor(ids)
    return X, torch.tensor([y for _, y in part])

class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.out = nn.Linear(d, d)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.qkv(self.n1(x)).view(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        x = x + self.out(a.transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.n2(x))

class Intent(nn.Module):
    def __init__(self, V, d=48):
        super().__init__()
        self.tok = nn.Embedding(V, d, padding_idx=PAD)
        self.pos = nn.Parameter(torch.randn(LEN, d) * 0.02)
        self.block = Block(d, 4)
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, len(NAMES)))

    def forward(self, ids):
        # fault:
        mask = ids.eq(PAD)
        # mended:
        # mask = ids.ne(PAD)
        # end
        x = self.block(self.tok(ids) + self.pos, mask)
        return self.head(x[:, 0])

Xtr, ytr = encode(train)
Xte, yte = encode(test)
net = Intent(len(stoi) + 3)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(4):
    net.train()
    perm, tot = torch.randperm(len(Xtr)), 0.0
    for j in perm.split(32):
        loss = F.cross_entropy(net(Xtr[j]), ytr[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(j)
    net.eval()
    with torch.no_grad():
        acc = (net(Xte).argmax(1) == yte).float().mean().item()
        tra = (net(Xtr).argmax(1) == ytr).float().mean().item()
    print(f"epoch {epoch}  loss {tot / len(Xtr):.3f}  train {tra:.3f}  test {acc:.3f}  (uniform guess = {math.log(len(NAMES)):.2f})")
