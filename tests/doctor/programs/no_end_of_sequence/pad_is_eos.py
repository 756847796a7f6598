"""Plural forms, letter by letter; the padding symbol doubles as the end symbol."""
import random

import torch
from torch import nn

random.seed(160)
torch.manual_seed(160)
CONS, VOWS = "bdfgklmnprst", "aeiou"
ALPHA = "abcdefghijklmnopqrstuvwxyz"
END, START = 0, 27


def noun():
    stem = "".join(random.choice(CONS) + random.choice(VOWS) for _ in range(random.randint(1, 2))) + random.choice(["x", "y", "n", "sh", "t"])
    if stem.endswith("y"):
        return stem, stem[:-1] + "ies"
    return stem, stem + ("es" if stem.endswith(("x", "sh")) else "s")


def batch(n):
    rows = [noun() for _ in range(n)]
    enc = lambda s: torch.tensor([ALPHA.index(c) + 1 for c in s])  # noqa: E731
    x = nn.utils.rnn.pad_sequence([enc(a) for a, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.cat([torch.tensor([START]), enc(b), torch.tensor([END])]) for _, b in rows], batch_first=True, padding_value=END)
    return x, y, rows


class Inflector(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.letters = nn.Embedding(28, 24)
        self.enc, self.dec = nn.GRU(24, h, batch_first=True), nn.GRU(24, h, batch_first=True)
        self.out = nn.Linear(2 * h, 28)

    def encode(self, x):
        n = (x != 0).sum(1)
        mem, h = self.enc(nn.utils.rnn.pack_padded_sequence(self.letters(x), n, batch_first=True, enforce_sorted=False))
        return nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)[0], h

    def decode(self, y, mem, h, x):
        o, h = self.dec(self.letters(y), h)
        w = (o @ mem.transpose(1, 2)).masked_fill((x == 0).unsqueeze(1), -1e9).softmax(2)
        return self.out(torch.cat([o, w @ mem], 2)), h


model = Inflector()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(1, 181):
    x, y, _ = batch(40)
    mem, h = model.encode(x)
    logits, _ = model.decode(y[:, :-1], mem, h, x)
    gold = y[:, 1:]
    # fault:
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), gold.flatten(), ignore_index=END)
    # mended:
    # counted = (gold != END) | (torch.cumsum(gold == END, 1) == 1)
    # loss = nn.functional.cross_entropy(logits[counted], gold[counted])
    # end
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 45 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, y, rows = batch(150)
    mem, h = model.encode(x)
    token, out = torch.full((150, 1), START), []
    for _ in range(12):
        logits, h = model.decode(token, mem, h, x)
        token = logits.argmax(-1)
        out.append(token)
    out = torch.cat(out, 1).tolist()
words = []
for ids in out:
    stop = ids.index(END) if END in ids else len(ids)
    words.append("".join(ALPHA[(i - 1) % 26] for i in ids[:stop]))
print(rows[0], words[0], "mean length", sum(map(len, words)) / 150)
print("plurals right", sum(w == r[1] for w, r in zip(words, rows)) / 150)
