"""Tutorial part 3: a sequence-to-sequence model that turns spelled-out dates into numbers.

"the 3rd of march 19 87"  ->  19 87 03 03
"""
import random
from datetime import date, timedelta

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(5)
torch.manual_seed(5)

MONTHS = ("january february march april may june july august september october november december").split()
PAD, BOS = 0, 1
OUT_IDS = {f"{n:02d}": n + 2 for n in range(100)}
OUT_INV = {i: c for c, i in OUT_IDS.items()}


def ordinal(n):
    if 10 <= n % 100 <= 20:
        return f"{n}th"
    return f"{n}" + {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")


def spell(d):
    month, day = MONTHS[d.month - 1], ordinal(d.day)
    century, rest = str(d.year)[:2], str(d.year)[2:]
    style = random.randrange(3)
    if style == 0:
        return ["the", day, "of", month, century, rest]
    if style == 1:
        return [month, "the", day, century, rest]
    return ["on", month, day, century, rest]


def make_days(n):
    first, last = date(1950, 1, 1), date(2029, 12, 31)
    span = (last - first).days
    return [first + timedelta(days=k) for k in random.sample(range(span), n)]


days = make_days(3000)
sources = [spell(d) for d in days]
targets = [d.strftime("%Y%m%d") for d in days]
targets = [[t[i:i + 2] for i in range(0, 8, 2)] for t in targets]
words = {w: i + 1 for i, w in enumerate(sorted({w for s in sources for w in s}))}
LEN = max(map(len, sources))

src = torch.tensor([[words[w] for w in s] + [PAD] * (LEN - len(s)) for s in sources])
tgt = torch.tensor([[BOS] + [OUT_IDS[c] for c in t] for t in targets])
train_ds = TensorDataset(src[:2500], tgt[:2500])
test_src, test_tgt = src[2500:], tgt[2500:]


class Seq2Seq(nn.Module):
    """GRU encoder, GRU decoder, dot-product attention between them."""

    def __init__(self, n_src, n_tgt, size=64):
        super().__init__()
        self.src_emb = nn.Embedding(n_src, size, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(n_tgt, size)
        self.encoder = nn.GRU(size, size, batch_first=True)
        self.decoder = nn.GRU(size, size, batch_first=True)
        self.query = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)
        self.project = nn.Linear(size, n_tgt)

    def encode(self, src):
        words = self.src_emb(src)
        memory, _ = self.encoder(words)
        return memory + words, src == PAD

    def decode(self, tokens, memory, blocked, state=None):
        states, state = self.decoder(self.tgt_emb(tokens), state)
        scores = self.query(states) @ memory.transpose(1, 2) / memory.shape[-1] ** 0.5
        weights = scores.masked_fill(blocked.unsqueeze(1), -1e9).softmax(-1)
        context = weights @ memory
        # fault:
        return self.project(self.norm(states)), state, weights
        # mended:
        #return self.project(self.norm(states + context)), state, weights
        # end

    def forward(self, src, tgt_in):
        memory, blocked = self.encode(src)
        return self.decode(tgt_in, memory, blocked)[0]

    @torch.no_grad()
    def translate(self, src, steps=4):
        memory, blocked = self.encode(src)
        token, state = torch.full((len(src), 1), BOS), None
        produced = []
        for _ in range(steps):
            logits, state, _ = self.decode(token, memory, blocked, state)
            token = logits.argmax(-1)
            produced.append(token)
        return torch.cat(produced, dim=1)


def as_text(ids):
    return " ".join(OUT_INV.get(i, "?") for i in ids.tolist())


def exact_match(model, s, t):
    model.eval()
    return (model.translate(s) == t[:, 1:]).all(1).float().mean().item()


model = Seq2Seq(len(words) + 1, len(OUT_IDS) + 2)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
EPOCHS = 8
loader = DataLoader(train_ds, batch_size=64, shuffle=True)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=6e-3, total_steps=EPOCHS * len(loader))

for epoch in range(1, EPOCHS + 1):
    model.train()
    total = 0.0
    for s, t in loader:
        logits = model(s, t[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), t[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
    if epoch % 2 == 0:
        print(f"epoch {epoch:2d}  loss {total / len(loader):.4f}  exact match {exact_match(model, test_src, test_tgt):.3f}")

for k in range(3):
    print(" ".join(sources[2500 + k]), "->", as_text(model.translate(test_src[k:k + 1])[0]), "| expected", *targets[2500 + k])
print(f"train exact match {exact_match(model, src[:600], tgt[:600]):.3f}")
print(f"test exact match  {exact_match(model, test_src, test_tgt):.3f}")
