"""Invent village names letter by letter; a GRU that is told the region."""
import random

import torch
from torch import nn

random.seed(10)
torch.manual_seed(10)
parts = {"north": (["Skal", "Thor", "Hav", "Grim", "Ulf"], ["vik", "by", "dal", "nes"]), "south": (["Mon", "Val", "Cor", "Ser", "Bel"], ["tano", "rino", "cella", "sola"])}
regions = list(parts)
alphabet = sorted({c for a, b in parts.values() for w in a + b for c in w.lower()})
START, STOP = 1, 2
c2i = {c: i + 3 for i, c in enumerate(alphabet)}
i2c = {i: c for c, i in c2i.items()}
LIMIT = 24


def name():
    r = random.randrange(2)
    head, tail = parts[regions[r]]
    middle = random.choice(["", "en", "ar"])
    return (random.choice(head) + middle + random.choice(tail)).lower(), r


def tensors(rows):
    seqs = []
    for w, _ in rows:
        # fault:
        seqs.append(torch.tensor([START] + [c2i[c] for c in w]))
        # mended:
        # seqs.append(torch.tensor([START] + [c2i[c] for c in w] + [STOP]))
        # end
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([r for _, r in rows])


class Namer(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.chars = nn.Embedding(len(alphabet) + 3, d, padding_idx=0)
        self.region = nn.Embedding(2, d)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, len(alphabet) + 3)

    def forward(self, x, r, h=None):
        h = self.region(r).unsqueeze(0) if h is None else h
        o, h = self.rnn(self.chars(x), h)
        return self.out(o), h

    @torch.no_grad()
    def invent(self, r):
        x, h, out = torch.tensor([[START]]), None, []
        while len(out) < LIMIT:
            logits, h = self(x, torch.tensor([r]), h)
            c = torch.multinomial(logits[0, -1].softmax(-1), 1).item()
            if c == STOP:
                break
            out.append(i2c.get(c, "?"))
            x = torch.tensor([[c]])
        return "".join(out)


namer = Namer()
opt = torch.optim.Adam(namer.parameters(), lr=6e-3)
for step in range(1, 201):
    x, r = tensors([name() for _ in range(32)])
    logits, _ = namer(x[:, :-1], r)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        made = [namer.invent(i % 2) for i in range(20)]
        print(f"step {step} loss {loss.item():.3f} mean length {sum(map(len, made)) / 20:.1f}", *made[:2])
