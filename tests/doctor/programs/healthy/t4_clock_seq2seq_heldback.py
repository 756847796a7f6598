"""Seq2seq with attention: spoken clock times to digital notation; exact match under greedy decoding."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
PAD, BOS, EOS = 0, 1, 2


def spell(n):
    if n < 20:
        return [ONES[n]]
    tens = ["twenty", "thirty", "forty", "fifty"][n // 10 - 2]
    return [tens] + ([ONES[n % 10]] if n % 10 else [])


def utterances():
    opening = ["it is", "meet me at", "dinner at", "around"]
    for h in range(1, 13):
        for m in range(60):
            for half in ("am", "pm"):
                forms = [spell(h) + spell(m)]
                if 0 < m <= 30:
                    forms.append((["half"] if m == 30 else ["quarter"] if m == 15 else spell(m) + ["minutes"]) + ["past"] + spell(h))
                if m > 30:
                    forms.append((["quarter"] if m == 45 else spell(60 - m) + ["minutes"]) + ["to"] + spell(h % 12 + 1))
                hour = h % 12 + (12 if half == "pm" else 0)
                for f in forms:
                    for o in opening:
                        late = half == "am" and random.random() < 0.5
                        yield tuple(o.split() + f + (["in", "the", "morning"] if late else [half])), tuple(f"{hour:02d}:{m:02d}")


@dataclass
class HP:
    emb: int = 32
    hidden: int = 72
    lr: float = 9e-3
    batch: int = 80
    steps: int = 250
    force: float = 0.95


class Translator(nn.Module):
    def __init__(self, n_src, n_tgt, hp):
        super().__init__()
        self.src = nn.Embedding(n_src, hp.emb, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, hp.emb, padding_idx=PAD)
        self.enc = nn.GRU(hp.emb, hp.hidden // 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(hp.emb + hp.hidden, hp.hidden)
        self.query = nn.Linear(hp.hidden, hp.hidden, bias=False)
        self.out = nn.Linear(2 * hp.hidden, n_tgt)

    def encode(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), (x != PAD).sum(1), batch_first=True, enforce_sorted=False)
        memory, last = self.enc(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True)
        return memory, torch.cat([last[0], last[1]], 1)

    def attend(self, state, memory, x):
        score = (memory @ self.query(state).unsqueeze(-1)).squeeze(-1).masked_fill(x == PAD, float("-inf"))
        return (score.softmax(1).unsqueeze(1) @ memory).squeeze(1)

    def forward(self, x, y=None, force=0.0, max_len=7):
        memory, state = self.encode(x)
        context = self.attend(state, memory, x)
        token = torch.full((len(x),), BOS)
        logits = []
        for t in range(max_len if y is None else y.size(1)):
            state = self.cell(torch.cat([self.tgt(token), context], 1), state)
            context = self.attend(state, memory, x)
            logits.append(self.out(torch.cat([state, context], 1)))
            token = logits[-1].argmax(1)
            if y is not None and random.random() < force:
                token = y[:, t]
        return torch.stack(logits, 1)


def exact_match(model, data, i2t):
    model.eval()
    good = 0
    with torch.no_grad():
        for part in [data[i:i + 250] for i in range(0, len(data), 250)]:
            out = model(pad_sequence([s for s, _ in part], batch_first=True)).argmax(-1)
            for row, (_, gold) in zip(out.tolist(), part):
                row = row[:row.index(EOS)] if EOS in row else row
                good += row == gold[:-1].tolist()
    return good / len(data)


random.seed(31)
torch.manual_seed(31)
hp = HP()
pairs = sorted(set(utterances()))
random.shuffle(pairs)
src = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in pairs for w in s}))}
tgt = {c: i + 3 for i, c in enumerate("0123456789:")}
coded = [(torch.tensor([src[w] for w in s]), torch.tensor([tgt[c] for c in t] + [EOS])) for s, t in pairs]
test, train = coded[:200], coded[200:]
model = Translator(len(src) + 1, len(tgt) + 3, hp)
opt = torch.optim.Adam(model.parameters(), lr=hp.lr)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, hp.lr, total_steps=hp.steps, pct_start=0.1)
print(len(train), "train", len(test), "test")
for step in range(1, hp.steps + 1):
    model.train()
    part = random.sample(train, hp.batch)
    x, y = (pad_sequence(col, batch_first=True) for col in zip(*part))
    loss = nn.functional.cross_entropy(model(x, y, hp.force).flatten(0, 1), y.flatten(), ignore_index=PAD)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.3f} exact match {exact_match(model, test, tgt):.3f}")
