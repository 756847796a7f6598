# Small GPT, several short sentences packed into each row of 48 tokens (no padding anywhere).
# Attention is causal AND stays within a sentence; position ids restart with each sentence.
# The toy grammar has number agreement across a distractor phrase, so its true entropy is known.
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 1337
random.seed(SEED); torch.manual_seed(SEED)

SG = ["dog", "nurse", "poet", "horse", "pilot", "crow"]
PL = [w + "s" for w in SG]
V_SG, V_PL = ["runs", "sleeps", "sings", "waits"], ["run", "sleep", "sing", "wait"]
PREP, ADJ, ADV = ["near", "behind", "with"], ["old", "red", "quiet", "tall"], ["today", "again", "here"]
VOC = ["<s>", "the", "."] + SG + PL + V_SG + V_PL + PREP + ADJ + ADV
stoi = {w: i for i, w in enumerate(VOC)}


def noun_phrase():
    out, lp = ["the"], 0.0
    if random.random() < .4:
        out.append(random.choice(ADJ)); lp += math.log(.4 / len(ADJ))
    else:
        lp += math.log(.6)
    pl = random.random() < .5
    out.append(random.choice(PL if pl else SG)); lp += math.log(.5 / len(SG))
    return out, pl, lp


def sentence():
    out, pl, lp = noun_phrase()
    if random.random() < .5:
        np2, _, lp2 = noun_phrase()
        out += [random.choice(PREP)] + np2
        lp += math.log(.5 / len(PREP)) + lp2
    else:
        lp += math.log(.5)
    out.append(random.choice(V_PL if pl else V_SG)); lp += math.log(1 / 4)
    if random.random() < .5:
        out.append(random.choice(ADV)); lp += math.log(.5 / len(ADV))
    else:
        lp += math.log(.5)
    return [stoi["<s>"]] + [stoi[w] for w in out] + [stoi["."]], lp


def packed(rows, T=48):
    ids, seg, pos, lp = [], [], [], 0.0
    k = 0
    while len(ids) < rows * (T + 1):
        s, l = sentence()
        ids += s; seg += [k] * len(s); pos += list(range(len(s))); k += 1; lp += l
    cut = lambda a: torch.tensor(a[:rows * (T + 1)]).view(rows, T + 1)
    return cut(ids), cut(seg), cut(pos), -lp / (len(ids) - k)      # true nats per predicted token


class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x, allow):
        B, T, d = x.shape
        q, k, v = (t.view(B, T, self.h, -1).transpose(1, 2) for t in self.qkv(self.ln1(x)).chunk(3, -1))
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=allow[:, None])
        x = x + self.o(a.transpose(1, 2).reshape(B, T, d))
        return x + self.ff(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(VOC), d), nn.Embedding(16, d)
        nn.init.normal_(self.tok.weight, std=.05); nn.init.normal_(self.pos.weight, std=.05)
        self.blocks = nn.ModuleList([Block(d, 2), Block(d, 2)])
        self.ln = nn.LayerNorm(d)

    def forward(self, ids, seg, pos):
        T = ids.size(1)
        allow = (seg[:, :, None] == seg[:, None, :]) & torch.ones(T, T, dtype=torch.bool).tril()
        x = self.tok(ids) + self.pos(pos)
        for b in self.blocks:
            x = b(x, allow)
        return self.ln(x) @ self.tok.weight.t()          # tied


def step_loss(net, ids, seg, pos):
    logits = net(ids[:, :-1], seg[:, :-1], pos[:, :-1])
    inside = seg[:, :-1] == seg[:, 1:]                   # never predict the start of the next sentence
    return F.cross_entropy(logits[inside], ids[:, 1:][inside])


tr, va = packed(640), packed(64)
print(f"grammar entropy {tr[3]:.3f} nats/token")
net = GPT()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=.01)
EPOCHS, B = 4, 16
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=EPOCHS * 640 // B, pct_start=.15)
for ep in range(EPOCHS):
    net.train(); s = 0.
    for ix in torch.randperm(640).split(B):
        loss = step_loss(net, *(t[ix] for t in tr[:3]))
        opt.zero_grad(set_to_none=True); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step(); s += loss.item() * len(ix)
    net.eval()
    with torch.no_grad():
        v = step_loss(net, *va[:3]).item()
    print(f"epoch {ep}: train {s / 640:.3f} val {v:.3f} (ppl {math.exp(v):.2f})")
