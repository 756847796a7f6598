"""Toy inflection: an invented language forms the plural of a noun by vowel harmony and consonant doubling.
Encoder GRU on packed characters, decoder GRU whose first input is a learned vector (no start symbol in the alphabet);
one table serves encoder, decoder and, transposed, the output layer. '#' ends a word on the target side."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(21)
torch.manual_seed(21)
FRONT, BACK, CONS = "eiy", "aou", "bdgklmnprstv"
ALPHA = "#" + FRONT + BACK + CONS
STOI = {c: i for i, c in enumerate(ALPHA)}


def noun():
    vs = random.choice((FRONT, BACK))
    w = "".join(random.choice(CONS) + random.choice(vs) for _ in range(random.randint(1, 3)))
    return w + (random.choice(CONS) if random.random() < .5 else "")


def plural(w):
    front = any(c in FRONT for c in w)
    if w[-1] in CONS:
        return w + w[-1] + ("et" if front else "at")
    return w + ("ri" if front else "ru")


words = set()
while len(words) < 2300:
    words.add(noun())
words = sorted(words)
random.shuffle(words)
train, held = words[:1920], words[1920:]
enc = lambda s: torch.tensor([STOI[c] for c in s])


class Inflector(nn.Module):
    def __init__(self, dim=56):
        super().__init__()
        self.table = nn.Parameter(torch.randn(len(ALPHA), dim) * dim ** -.5)
        self.reader = nn.GRU(dim, dim, batch_first=True)
        self.writer = nn.GRUCell(dim * 2, dim)
        self.first = nn.Parameter(torch.zeros(dim))
        self.query = nn.Linear(dim, dim, bias=False)
        self.mix = nn.Linear(2 * dim, dim)
        self.bias = nn.Parameter(torch.zeros(len(ALPHA)))

    def read(self, src):
        n = torch.tensor([len(s) for s in src])
        x = pad_sequence(src, batch_first=True)                  # filler rows are never read, sequences get packed
        out, h = self.reader(pack_padded_sequence(self.table[x], n, batch_first=True, enforce_sorted=False))
        mem, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return mem, torch.arange(mem.size(1))[None] >= n[:, None], h[0]

    def forward(self, src, tgt=None, limit=14):
        mem, void, h = self.read(src)
        x, ctx, logits = self.first.expand(len(src), -1), torch.zeros_like(h), []
        for t in range(tgt.size(1) if tgt is not None else limit):
            h = self.writer(torch.cat([x, ctx], 1), h)
            a = torch.bmm(mem, self.query(h)[:, :, None])[..., 0].masked_fill(void, -1e9).softmax(1)
            ctx = torch.bmm(a[:, None], mem)[:, 0]
            logits.append(torch.tanh(self.mix(torch.cat([h, ctx], 1))) @ self.table.t() + self.bias)
            nxt = tgt[:, t].clamp(min=0) if tgt is not None else logits[-1].argmax(1)
            x = self.table[nxt]
        return torch.stack(logits, 1)


model = Inflector()
optim = torch.optim.Adam(model.parameters(), lr=6e-3)
rounds = 4
decay = torch.optim.lr_scheduler.ExponentialLR(optim, .5)
for r in range(rounds):
    random.shuffle(train)
    total = count = 0
    for i in range(0, len(train), 48):
        chunk = train[i:i + 48]
        gold = pad_sequence([enc(plural(w) + "#") for w in chunk], batch_first=True, padding_value=-1)
        logits = model([enc(w) for w in chunk], gold)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), gold.flatten(), ignore_index=-1)
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optim.step()
        total += loss.item() * len(chunk)
        count += len(chunk)
    decay.step()
    with torch.no_grad():
        model.eval()
        guess = model([enc(w) for w in held]).argmax(-1).tolist()
        model.train()
    texts = ["".join(ALPHA[k] for k in g).split("#")[0] for g in guess]
    em = sum(t == plural(w) for t, w in zip(texts, held)) / len(held)
    print(f"round {r}: loss/char {total / count:.4f}, greedy exact match on unseen nouns {em:.3f}")
print(list(zip(held[:4], texts[:4])))
