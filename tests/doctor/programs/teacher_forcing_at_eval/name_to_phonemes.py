"""Pronounce invented names: letters to sounds."""
import random

import torch
from torch import nn

random.seed(84)
torch.manual_seed(84)
RULES = {"ph": "f", "ch": "tS", "sh": "S", "th": "T", "ee": "i:", "oo": "u:", "ai": "eI", "b": "b", "d": "d", "k": "k", "l": "l", "m": "m", "n": "n", "r": "r", "s": "s", "t": "t", "a": "&", "e": "E", "o": "Q"}
CONS = ["ph", "ch", "sh", "th", "b", "d", "k", "l", "m", "n", "r", "s", "t"]
VOW = ["ee", "oo", "ai", "a", "e", "o"]


def name():
    pieces = []
    for _ in range(random.randint(3, 4)):
        pieces += [random.choice(CONS), random.choice(VOW)]
    return "".join(pieces), [RULES[p] for p in pieces]


chars = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}
sounds = {s: i + 3 for i, s in enumerate(sorted(set(RULES.values())))}
SOS, EOS = 1, 2


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([chars[c] for c in w]) for w, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([SOS] + [sounds[s] for s in p] + [EOS]) for _, p in rows], batch_first=True)
    return x, y


class G2P(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.src = nn.Embedding(27, 24, padding_idx=0)
        self.tgt = nn.Embedding(len(sounds) + 3, 24, padding_idx=0)
        self.enc = nn.GRU(24, h, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * h, h)
        self.dec = nn.GRUCell(24 + 2 * h, h)
        self.key = nn.Linear(h, 2 * h)
        self.out = nn.Linear(3 * h, len(sounds) + 3)

    def forward(self, x, y=None, steps=None):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), n, batch_first=True, enforce_sorted=False)
        mem, last = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        h = torch.tanh(self.bridge(torch.cat([last[0], last[1]], 1)))
        token = torch.full((len(x),), SOS)
        logits = []
        for t in range(y.size(1) - 1 if y is not None else steps):
            if y is not None:
                token = y[:, t]
            w = torch.einsum("bh,bth->bt", self.key(h), mem).masked_fill(x == 0, -1e9).softmax(1)
            ctx = torch.einsum("bt,bth->bh", w, mem)
            h = self.dec(torch.cat([self.tgt(token), ctx], 1), h)
            logits.append(self.out(torch.cat([h, ctx], 1)))
            token = logits[-1].argmax(1)
        return torch.stack(logits, 1)


train = [name() for _ in range(1200)]
dev = collate([name() for _ in range(300)])
model = G2P()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss(ignore_index=0)


def evaluate():
    x, y = dev
    model.eval()
    with torch.no_grad():
        # fault:
        guess = model(x, y).argmax(-1)
        # mended:
        # guess = model(x, steps=y.size(1) - 1).argmax(-1)
        # end
    goal = y[:, 1:]
    return ((guess == goal) | (goal == 0)).float()[goal != 0].mean().item()


for epoch in range(2):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1200, 40):
        x, y = collate(train[i : i + 40])
        loss = ce(model(x, y).flatten(0, 1), y[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 30:.3f} dev sound accuracy {evaluate():.4f}")
