"""Tiny English -> Spanish phrase translator: GRU encoder, GRU decoder with dot attention, greedy decoding."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)

NOUNS = {"house": ("casa", "f"), "car": ("coche", "m"), "dog": ("perro", "m"), "table": ("mesa", "f"), "book": ("libro", "m"),
         "flower": ("flor", "f"), "cat": ("gato", "m"), "chair": ("silla", "f"), "door": ("puerta", "f"), "hat": ("sombrero", "m")}
ADJ = {"red": ("rojo", "roja"), "small": ("pequeno", "pequena"), "new": ("nuevo", "nueva"), "old": ("viejo", "vieja"),
       "white": ("blanco", "blanca"), "pretty": ("bonito", "bonita")}
VERBS = {"i see": "veo", "she buys": "compra", "we have": "tenemos", "they want": "quieren", "he paints": "pinta"}
DET = {"the": ("el", "la"), "a": ("un", "una")}


def noun_phrase():
    n, (es, g) = random.choice(list(NOUNS.items()))
    d, dets = random.choice(list(DET.items()))
    gi = 0 if g == "m" else 1
    en, tr = [d], [dets[gi]]
    if random.random() < 0.7:
        a, forms = random.choice(list(ADJ.items()))
        return en + [a, n], tr + [es, forms[gi]]
    return en + [n], tr + [es]


def pair():
    v, es = random.choice(list(VERBS.items()))
    en1, es1 = noun_phrase()
    if random.random() < 0.5:
        en2, es2 = noun_phrase()
        return " ".join(v.split() + en1 + ["and"] + en2), " ".join([es] + es1 + ["y"] + es2)
    return " ".join(v.split() + en1), " ".join([es] + es1)


pairs = {}
while len(pairs) < 1300:
    e, s = pair()
    pairs[e] = s
pairs = list(pairs.items())
random.shuffle(pairs)
train, test = pairs[:1100], pairs[1100:]


def build(texts):
    v = {"<pad>": 0, "<bos>": 1, "<eos>": 2}
    for t in texts:
        for w in t.split():
            v.setdefault(w, len(v))
    return v


src_v, tgt_v = build(e for e, _ in train), build(s for _, s in train)
itos = {i: w for w, i in tgt_v.items()}


def collate(rows):
    xs = [[src_v[w] for w in e.split()] + [2] for e, _ in rows]
    ys = [[1] + [tgt_v[w] for w in s.split()] + [2] for _, s in rows]
    px, py = max(map(len, xs)), max(map(len, ys))
    return torch.tensor([x + [0] * (px - len(x)) for x in xs]), torch.tensor([y + [0] * (py - len(y)) for y in ys])


class Translator(nn.Module):
    def __init__(self, dim=32, hid=64):
        super().__init__()
        self.src = nn.Embedding(len(src_v), dim, padding_idx=0)
        self.tgt = nn.Embedding(len(tgt_v), dim, padding_idx=0)
        self.enc = nn.GRU(dim, hid // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(dim, hid, batch_first=True)
        self.mix = nn.Linear(2 * hid, hid)
        self.out = nn.Linear(hid, len(tgt_v))

    def encode(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        states, last = self.enc(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([last[0], last[1]], dim=1).unsqueeze(0), x == 0

    def decode(self, y, h, states, pad):
        d, h = self.dec(self.tgt(y), h)
        scores = (d @ states.transpose(1, 2)).masked_fill(pad.unsqueeze(1), float("-inf"))
        context = scores.softmax(dim=-1) @ states
        return self.out(torch.tanh(self.mix(torch.cat([d, context], dim=-1)))), h

    @torch.no_grad()
    def translate(self, x, max_len=12):
        states, h, pad = self.encode(x)
        y = torch.full((len(x), 1), 1)
        result = []
        for _ in range(max_len):
            logits, h = self.decode(y, h, states, pad)
            y = logits[:, -1:].argmax(-1)
            result.append(y)
        out = []
        for row in torch.cat(result, dim=1).tolist():
            out.append(" ".join(itos[i] for i in (row[:row.index(2)] if 2 in row else row)))
        return out


model = Translator()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
for epoch in range(8):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 44):
        x, y = collate(train[i:i + 44])
        states, h, pad = model.encode(x)
        logits, _ = model.decode(y[:, :-1], h, states, pad)
        loss = F.cross_entropy(logits.transpose(1, 2), y[:, 1:], ignore_index=0)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    model.eval()
    guess = model.translate(collate(test)[0])
    exact = sum(g == s for g, (_, s) in zip(guess, test)) / len(test)
    print(f"epoch {epoch + 1} loss {total / 25:.3f} exact match {exact:.3f}")
for (e, s), g in list(zip(test, guess))[:3]:
    print(e, "->", g)
