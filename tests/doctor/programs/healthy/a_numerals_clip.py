"""Match German number words with English ones: two encoders, symmetric InfoNCE with a learned temperature, recall@1 on unseen numbers."""
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31); torch.manual_seed(31)
DE1 = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
DE10 = "- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
EN1 = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
EN10 = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()


def de(n):
    if n >= 1000: return DE1[n // 1000] + "tausend" + (de(n % 1000) if n % 1000 else "")
    if n >= 100: return DE1[n // 100] + "hundert" + (de(n % 100) if n % 100 else "")
    if n < 20: return DE1[n]
    return (DE1[n % 10] + "und" if n % 10 else "") + DE10[n // 10]


def en(n):
    if n >= 1000: return EN1[n // 1000] + " thousand" + (" " + en(n % 1000) if n % 1000 else "")
    if n >= 100: return EN1[n // 100] + " hundred" + (" and " + en(n % 100) if n % 100 else "")
    if n < 20: return EN1[n]
    return EN10[n // 10] + (" " + EN1[n % 10] if n % 10 else "")


numbers = random.sample(range(100, 10000), 2800)
train, dev = numbers[:2560], numbers[2560:]
chars = {c: i + 1 for i, c in enumerate(sorted({c for n in numbers for c in de(n)}))}
words = {w: i + 1 for i, w in enumerate(sorted({w for n in train for w in en(n).split()}))}


def pad(seqs):
    return nn.utils.rnn.pad_sequence([torch.tensor(s) for s in seqs], batch_first=True)


def batch(ns):
    return pad([[chars[c] for c in de(n)] for n in ns]), pad([[words[w] for w in en(n).split()] for n in ns])


class CharTower(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.e = nn.Embedding(len(chars) + 1, 24, padding_idx=0)
        self.c = nn.Conv1d(24, 64, 5, padding=2)
        self.g = nn.GRU(64, 64, batch_first=True)
        self.o = nn.Linear(64, d)

    def forward(self, x):
        n = (x != 0).sum(1)
        h = F.relu(self.c(self.e(x).transpose(1, 2))).transpose(1, 2)
        h = h[:, ::2].contiguous()                                  # every second step is enough
        p = nn.utils.rnn.pack_padded_sequence(h, (n + 1) // 2, batch_first=True, enforce_sorted=False)
        return F.normalize(self.o(self.g(p)[1][0]), dim=-1)


class WordTower(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.e = nn.Embedding(len(words) + 1, 32, padding_idx=0)
        self.g = nn.GRU(32, 64, batch_first=True)
        self.o = nn.Linear(64, d)

    def forward(self, x):
        p = nn.utils.rnn.pack_padded_sequence(self.e(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        return F.normalize(self.o(self.g(p)[1][0]), dim=-1)


a, b = CharTower(), WordTower()
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([{"params": [*a.parameters(), *b.parameters()]}, {"params": [log_scale], "lr": 1e-2}], lr=4e-3)
xd, yd = batch(dev)
for epoch in range(5):
    random.shuffle(train)
    a.train(); b.train(); tot = 0.
    for i in range(0, len(train), 64):
        x, y = batch(train[i:i + 64])
        sim = log_scale.exp().clamp(max=100) * a(x) @ b(y).T
        target = torch.arange(len(x))
        loss = (F.cross_entropy(sim, target) + F.cross_entropy(sim.T, target)) / 2
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_([*a.parameters(), *b.parameters()], 1.0)
        opt.step(); tot += loss.item()
    for g in opt.param_groups: g["lr"] *= .75
    a.eval(); b.eval()
    with torch.no_grad():
        s = a(xd) @ b(yd).T
    r1 = (s.argmax(1) == torch.arange(len(dev))).float().mean().item()
    print(f"epoch {epoch} loss {tot / 40:.4f} scale {log_scale.exp().item():.1f} dev R@1 {r1:.3f} (chance {1 / len(dev):.4f})")
