# Next-chord model for lead sheets: causal self-attention, written out by hand, tied output, compared with a bigram table.
import math
import random
from collections import Counter, defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(12)
torch.manual_seed(12)

DEGREES = ["I", "ii", "iii", "IV", "V", "vi", "bVII", "V/V", "dim"]
START, N = len(DEGREES), len(DEGREES) + 1
PHRASES = [["I", "vi", "ii", "V"], ["ii", "V", "I", "I"], ["IV", "dim", "I", "V/V"], ["iii", "vi", "ii", "V"],
           ["I", "bVII", "IV", "I"], ["vi", "V/V", "ii", "V"]]
LENGTH = 16


def sheet():
    a, b = random.sample(PHRASES, 2)
    form = random.choice([(a, a, b, a), (a, b, a, b), (a, b, b, a)])
    out = [DEGREES.index(c) for phrase in form for c in phrase]
    return tuple(random.randrange(len(DEGREES)) if random.random() < 0.06 else c for c in out)


songs = set()
while len(songs) < 2100:
    songs.add(sheet())
songs = sorted(songs)
random.shuffle(songs)
train, test = torch.tensor(songs[:1700]), torch.tensor(songs[1700:])


def shifted(x):
    return torch.cat([torch.full((len(x), 1), START), x[:, :-1]], 1)


class Layer(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.mix = nn.Linear(d, d)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(self.n1(x)).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        s = q @ k.transpose(-1, -2) / math.sqrt(D // self.heads)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        att = s.masked_fill(future, float("-inf")).softmax(-1)
        x = x + self.mix((att @ v).transpose(1, 2).reshape(B, T, D))
        return x + self.ff(self.n2(x))


class ChangesLM(nn.Module):
    def __init__(self, d=32, layers=2, heads=2):
        super().__init__()
        self.chord = nn.Embedding(N, d)
        self.place = nn.Embedding(LENGTH, d)
        nn.init.normal_(self.chord.weight, std=d ** -0.5)
        nn.init.normal_(self.place.weight, std=d ** -0.5)
        self.layers = nn.Sequential(*[Layer(d, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        h = self.layers(self.chord(x) + self.place.weight[: x.size(1)])
        return F.linear(self.norm(h), self.chord.weight)


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        z = model(shifted(x))
    hits = (z.argmax(-1) == x).float().mean().item()
    return math.exp(F.cross_entropy(z.transpose(1, 2), x).item()), hits


def bigram_perplexity():
    table = defaultdict(Counter)
    for song in train.tolist():
        for a, b in zip([START] + song, song):
            table[a][b] += 1
    logp = []
    for song in test.tolist():
        for a, b in zip([START] + song, song):
            logp.append(math.log((table[a][b] + 0.5) / (sum(table[a].values()) + 0.5 * len(DEGREES))))
    return math.exp(-sum(logp) / len(logp))


print(f"unseen songs, bigram table: perplexity {bigram_perplexity():.3f}")
model = ChangesLM()
epochs = 9
loader = DataLoader(TensorDataset(train), batch_size=32, shuffle=True)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.02)
warm, steps = 30, epochs * len(loader)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: (s + 1) / warm if s < warm else 0.5 + 0.5 * math.cos(math.pi * (s - warm) / (steps - warm)))
for epoch in range(epochs):
    model.train()
    for (x,) in loader:
        loss = F.cross_entropy(model(shifted(x)).transpose(1, 2), x)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    if epoch % 2 == 0:
        print("epoch %d  train ppl %.3f hit %.3f   unseen ppl %.3f hit %.3f" % (epoch + 1, *perplexity(model, train[:400]), *perplexity(model, test)))
