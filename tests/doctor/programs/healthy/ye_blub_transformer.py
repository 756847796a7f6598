"""Translate English-like clauses into "Blub": every word has its own translation, adjectives follow nouns, the verb comes last."""
import math
import random
from typing import List, Tuple
import torch
from torch import nn, Tensor

random.seed(41)
torch.manual_seed(41)

NOUNS = "dog cat king ship farmer wolf teacher river child soldier bird queen".split()
ADJS = "old red tiny brave quiet green clever cold".split()
VERBS = "sees likes follows finds helps fears calls leaves".split()
TIMES = "today yesterday often never".split()
SRC = ["<pad>"] + NOUNS + ADJS + VERBS + TIMES + ["the", "a"]
blub = lambda w: "".join(random.Random(w).choices("bdglmnru", k=3)) + "-" + w[0]
TGT = ["<pad>", "<bos>", "<eos>"] + [blub(w) for w in NOUNS + ADJS + VERBS + TIMES] + ["lo", "mi"]
S = {w: i for i, w in enumerate(SRC)}
T = {w: i for i, w in enumerate(TGT)}
MAXLEN = 16


def noun_phrase() -> Tuple[List[str], List[str]]:
    det, noun = random.choice(["the", "a"]), random.choice(NOUNS)
    adjs = random.sample(ADJS, random.choice([0, 1, 1]))
    return [det] + adjs + [noun], [{"the": "lo", "a": "mi"}[det], blub(noun)] + [blub(a) for a in adjs]


def sentence():
    (s1, t1), (s2, t2), v = noun_phrase(), noun_phrase(), random.choice(VERBS)
    src, tgt = s1 + [v] + s2, t1 + t2 + [blub(v)]
    if random.random() < 0.5:
        w = random.choice(TIMES)
        src, tgt = src + [w], [blub(w)] + tgt
    return tuple(src), tgt


def pad(rows: List[List[int]]) -> Tensor:
    n = max(len(r) for r in rows)
    return torch.tensor([r + [0] * (n - len(r)) for r in rows])


class Translator(nn.Module):
    def __init__(self, d=40, heads=4):
        super().__init__()
        self.d = d
        self.src, self.tgt = nn.Embedding(len(SRC), d), nn.Embedding(len(TGT), d)
        self.pos = nn.Embedding(MAXLEN, d)
        self.enc = nn.TransformerEncoderLayer(d, heads, 80, dropout=0.0, batch_first=True, norm_first=True)
        self.dec = nn.TransformerDecoderLayer(d, heads, 80, dropout=0.0, batch_first=True, norm_first=True)
        self.norm_e, self.norm_d = nn.LayerNorm(d), nn.LayerNorm(d)
        for e in (self.src, self.tgt, self.pos):
            nn.init.normal_(e.weight, std=d ** -0.5)
        # the output layer shares its weights with the target embedding

    def encode(self, s):
        mask = s == 0
        return self.norm_e(self.enc(self.src(s) * math.sqrt(self.d) + self.pos.weight[: s.size(1)], src_key_padding_mask=mask)), mask

    def decode(self, t, memory, mask):
        n = t.size(1)
        causal = torch.ones(n, n, dtype=torch.bool).triu(1)
        x = self.tgt(t) * math.sqrt(self.d) + self.pos.weight[:n]
        x = self.dec(x, memory, tgt_mask=causal, memory_key_padding_mask=mask)
        return self.norm_d(x) @ self.tgt.weight.T

    @torch.no_grad()
    def greedy(self, s):
        memory, mask = self.encode(s)
        out = torch.full((len(s), 1), T["<bos>"])
        for _ in range(MAXLEN - 4):
            out = torch.cat([out, self.decode(out, memory, mask)[:, -1].argmax(-1, keepdim=True)], 1)
        return out[:, 1:].tolist()


pairs = dict(sentence() for _ in range(1900))
pairs = [([S[w] for w in s], [T["<bos>"]] + [T[w] for w in t] + [T["<eos>"]]) for s, t in pairs.items()]
random.shuffle(pairs)
test, train = pairs[:150], pairs[150:]


def exact(rows):
    model.eval()
    hyps = model.greedy(pad([s for s, _ in rows]))
    cut = lambda h: h[: h.index(2)] if 2 in h else h
    return sum(cut(h) == t[1:-1] for h, (_, t) in zip(hyps, rows)) / len(rows)


model = Translator()
EPOCHS, BATCH = 4, 25
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.98))
total = EPOCHS * math.ceil(len(train) / BATCH)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min((i + 1) / 40, 1.05 - i / total))
loss_fn = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.05)
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    running, n = 0.0, 0
    for i in range(0, len(train), BATCH):
        s, t = pad([p[0] for p in train[i:i + BATCH]]), pad([p[1] for p in train[i:i + BATCH]])
        logits = model.decode(t[:, :-1], *model.encode(s))
        loss = loss_fn(logits.flatten(0, 1), t[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        running, n = running + loss.item(), n + 1
    print(f"epoch {epoch}: smoothed loss {running / n:.3f}  exact train {exact(train[:50]):.3f} test {exact(test):.3f}")
