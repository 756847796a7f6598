"""Cyrillic -> Latin transliteration with torch.nn.Transformer, greedy decoding, exact word accuracy."""
import random

import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)
MAP = {"а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "и": "i", "к": "k", "л": "l", "м": "m",
       "о": "o", "р": "r", "с": "s", "т": "t", "у": "u", "ж": "zh", "ш": "sh"}
V, C = "аеиоу", "бвгдклмрстжш"


def word():
    return "".join(random.choice(C) + random.choice(V) for _ in range(random.randint(1, 2))) + random.choice(["", random.choice(C)])


words = set()
while len(words) < 1900:
    words.add(word())
words = sorted(words)
random.shuffle(words)
train, dev = words[:1600], words[1600:]
PAD, BOS, EOS = 0, 1, 2
src_ix = {c: i + 3 for i, c in enumerate(sorted(MAP))}
tgt_chars = sorted(set("".join(MAP.values())))
tgt_ix = {c: i + 3 for i, c in enumerate(tgt_chars)}


def latin(w):
    return "".join(MAP[c] for c in w)


def pad(rows):
    n = max(map(len, rows))
    return torch.tensor([r + [PAD] * (n - len(r)) for r in rows])


def batch(ws):
    return pad([[src_ix[c] for c in w] + [EOS] for w in ws]), pad([[BOS] + [tgt_ix[c] for c in latin(w)] + [EOS] for w in ws])


class Transliterator(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.se, self.te = nn.Embedding(len(src_ix) + 3, d, padding_idx=0), nn.Embedding(len(tgt_ix) + 3, d, padding_idx=0)
        self.ps, self.pt = nn.Embedding(16, d), nn.Embedding(16, d)
        self.tf = nn.Transformer(d, 4, 1, 1, 96, dropout=0.0, batch_first=True)
        self.out = nn.Linear(d, len(tgt_ix) + 3)

    def forward(self, src, tgt):
        s = self.se(src) + self.ps(torch.arange(src.size(1)))
        t = self.te(tgt) + self.pt(torch.arange(tgt.size(1)))
        causal = torch.ones(tgt.size(1), tgt.size(1), dtype=torch.bool).triu(1)
        h = self.tf(s, t, tgt_mask=causal, src_key_padding_mask=src == PAD, tgt_key_padding_mask=tgt == PAD,
                    memory_key_padding_mask=src == PAD)
        return self.out(h)


model = Transliterator()
opt = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98))
EPOCHS = 5
per = -(-len(train) // 42)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=EPOCHS * per, pct_start=0.2)
ce = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def exact(ws):
    model.eval()
    src, _ = batch(ws)
    out = torch.full((len(ws), 1), BOS)
    for _ in range(12):
        out = torch.cat([out, model(src, out)[:, -1].argmax(-1, keepdim=True)], 1)
    n = 0
    for w, row in zip(ws, out[:, 1:].tolist()):
        row = row[: row.index(EOS)] if EOS in row else row
        n += "".join(tgt_chars[k - 3] if k > 2 else "?" for k in row) == latin(w)
    return n / len(ws)


for ep in range(1, EPOCHS + 1):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 42):
        src, tgt = batch(train[i:i + 42])
        loss = ce(model(src, tgt[:, :-1]).flatten(0, 1), tgt[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item()
    print(f"epoch {ep} loss {tot / per:.4f} greedy exact: train {exact(train[:150]):.3f} dev {exact(dev):.3f}")
