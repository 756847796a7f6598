"""Deutsche Uhrzeiten -> digital:  "zwanzig nach drei nachmittags" -> 1 5 : 2 0   (GRU encoder-decoder with attention)"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(15)
torch.manual_seed(15)
ZAHL = "zwölf eins zwei drei vier fünf sechs sieben acht neun zehn elf".split()
MIN = ["null"] + ZAHL[1:] + ["zwölf"] + [z + "zehn" for z in "drei vier fünf sech sieb acht neun".split()]
MIN += ["zwanzig"] + [e + "undzwanzig" for e in "ein zwei drei vier fünf sechs sieben acht neun".split()]


def phrase(h, m):
    tag = "morgens" if h < 12 else "nachmittags"
    if m == 0:
        t = [ZAHL[h % 12], "uhr"]
    elif m == 30:
        t = ["halb", ZAHL[(h + 1) % 12]]
        return t + [tag]
    elif m == 15:
        t = ["viertel", "nach", ZAHL[h % 12]]
    elif m < 30:
        t = [MIN[m], "nach", ZAHL[h % 12]]
    else:
        t = [MIN[60 - m], "vor", ZAHL[(h + 1) % 12]]
    return t + [tag]


EXTRA = [["es", "ist"], ["genau"], ["ungefähr"], ["so", "gegen"], []]
pairs = [(h, m) for h in range(24) for m in range(60)]
random.shuffle(pairs)
dev_pairs, train_pairs = pairs[:150], pairs[150:] * 2
OUT = ["<s>", "</s>"] + list("0123456789:")


def row(h, m):
    return random.choice(EXTRA) + phrase(h, m), [0] + [OUT.index(c) for c in f"{h:02d}:{m:02d}"] + [1]


train = [row(*p) for p in train_pairs]
dev = [row(*p) for p in dev_pairs]
src = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in train for w in s}))}


def batch(rows):
    T = max(len(s) for s, _ in rows)
    x = torch.tensor([[src[w] for w in s] + [0] * (T - len(s)) for s, _ in rows])
    return x, torch.tensor([t for _, t in rows])


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.se, self.te = nn.Embedding(len(src) + 1, d, padding_idx=0), nn.Embedding(len(OUT), d)
        self.enc = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.mem = nn.Linear(2 * d, d)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(OUT))

    def encode(self, x):
        lens = (x > 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.se(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.enc(p)[0], batch_first=True)
        m = torch.tanh(self.mem(h))
        return m, (x == 0), (m.sum(1) / lens.unsqueeze(1)).unsqueeze(0)

    def decode(self, y, state, m, hide):
        h, state = self.dec(self.te(y), state)
        a = (h @ m.transpose(1, 2)).masked_fill(hide.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([h, a @ m], -1)), state

    def forward(self, x, y):
        m, hide, state = self.encode(x)
        return self.decode(y, state, m, hide)[0]

    @torch.no_grad()
    def greedy(self, x):
        m, hide, state = self.encode(x)
        y, outs = torch.zeros(len(x), 1, dtype=torch.long), []
        for _ in range(6):
            o, state = self.decode(y, state, m, hide)
            y = o.argmax(-1)
            outs.append(y)
        return torch.cat(outs, 1)


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(1, 6):
    random.shuffle(train)
    total, n = 0.0, 0
    for i in range(0, len(train), 40):
        x, t = batch(train[i:i + 40])
        # fault:
        inp, target = t[:, 1:], t[:, 1:]
        # mended:
        # inp, target = t[:, :-1], t[:, 1:]
        # end
        loss = F.cross_entropy(model(x, inp).flatten(0, 1), target.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item(); n += 1
    if epoch % 2:
        x, t = batch(dev)
        g = model.greedy(x)
        exact = (g == t[:, 1:]).all(1).float().mean().item()
        print(f"epoch {epoch}: loss {total / n:.3f}  exact {exact:.3f}  e.g. {' '.join(dev[0][0])} -> {''.join(OUT[i] for i in g[0].tolist() if i > 1)}")
