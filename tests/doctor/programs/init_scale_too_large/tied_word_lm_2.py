"""Small tied-embedding language model over a toy travel-phrase grammar (made up below)."""
import math
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(99)
torch.manual_seed(99)

GRAMMAR = {
    "S": [["NP", "VP", "."], ["NP", "VP", "PP", "."], ["where", "is", "NP", "?"], ["may", "PRO", "INF", "NP", "?"]],
    "NP": [["the", "N"], ["a", "ADJ", "N"], ["this", "N"], ["the", "ADJ", "N"]],
    "PRO": [["we"], ["i"], ["they"]],
    "VP": [["V", "NP"], ["is", "ADJ"], ["is", "very", "ADJ"], ["leaves", "TIME"]],
    "INF": [["see"], ["open"], ["buy"], ["visit"], ["leave"]],
    "V": [["passes"], ["meets"], ["follows"], ["reaches"], ["crosses"], ["needs"]],
    "PP": [["near", "NP"], ["behind", "NP"], ["at", "TIME"]],
    "TIME": [["noon"], ["midnight"], ["seven", "o'clock"], ["dawn"]],
    "N": [[w] for w in "train station museum bridge hotel ticket river market guide castle ferry map tower garden harbour".split()],
    "ADJ": [[w] for w in "old small quiet expensive late red narrow famous empty local".split()],
}


def expand(sym):
    if sym not in GRAMMAR:
        return [sym]
    return [w for s in random.choice(GRAMMAR[sym]) for w in expand(s)]


def stream(n):
    return [w for _ in range(n) for w in expand("S")]


train_words, valid_words = stream(3600), stream(600)
vocab = sorted(set(train_words))
w2i = {w: i for i, w in enumerate(vocab)}


def columns(words, bsz):
    ids = torch.tensor([w2i[w] for w in words])
    ids = ids[: len(ids) // bsz * bsz]
    return ids.view(bsz, -1).t().contiguous()          # (time, batch)


class RNNLM(nn.Module):
    def __init__(self, V, dim=96):
        super().__init__()
        self.tok = nn.Embedding(V, dim)
        self.cell = nn.GRU(dim, dim)
        self.proj = nn.Linear(dim, dim)
        self.bias = nn.Parameter(torch.zeros(V))
        self.reset()

    def reset(self):
        # fault:
        nn.init.normal_(self.tok.weight, 0.0, 2.5)
        nn.init.normal_(self.proj.weight, 0.0, 1.0)
        # mended:
        # nn.init.normal_(self.tok.weight, 0.0, 0.1)
        # nn.init.xavier_normal_(self.proj.weight)
        # end
        nn.init.zeros_(self.proj.bias)

    def forward(self, x, h):
        y, h = self.cell(self.tok(x), h)
        return F.linear(self.proj(y), self.tok.weight, self.bias), h


BPTT, BSZ = 20, 32
tr, va = columns(train_words, BSZ), columns(valid_words, BSZ)
lm = RNNLM(len(vocab))
opt = torch.optim.Adam(lm.parameters(), lr=2e-3)
print(f"{len(vocab)} words, uniform ppl {len(vocab)}, {tr.numel()} training tokens")


def sweep(data, train):
    lm.train(train)
    h, total, count = None, 0.0, 0
    for s in range(0, len(data) - 1, BPTT):
        x, y = data[s:s + BPTT], data[s + 1:s + 1 + BPTT]
        x = x[: len(y)]
        with torch.set_grad_enabled(train):
            logits, h = lm(x, h)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        h = h.detach()
        if train:
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
            opt.step()
        total += loss.item() * y.numel()
        count += y.numel()
    return total / count


print(f"before training: valid loss {sweep(va, False):.2f}")
for ep in range(1, 6):
    a, b = sweep(tr, True), sweep(va, False)
    print(f"epoch {ep} train {a:.3f} valid {b:.3f} valid ppl {math.exp(min(b, 30)):.2f}")
