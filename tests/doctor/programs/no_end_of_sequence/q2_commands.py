"""Commands to action sequences: a small GRU encoder-decoder with additive attention, greedy decoding."""
import itertools
import random

import torch
from torch import nn

torch.manual_seed(11)
random.seed(11)
PAD, BOS, EOS = 0, 1, 2
MAX_OUT = 10

VERBS = {"walk": "WALK", "run": "RUN", "jump": "JUMP", "look": "LOOK"}
DIRECTIONS = {"": [], "left": ["LTURN"], "right": ["RTURN"], "opposite left": ["LTURN", "LTURN"]}
TIMES = {"": 1, "twice": 2, "thrice": 3}


def phrases():
    for (v, act), (d, turn), (t, n) in itertools.product(VERBS.items(), DIRECTIONS.items(), TIMES.items()):
        words = [v] + d.split() + t.split()
        acts = (turn + [act]) * n
        if len(acts) <= 6:
            yield words, acts


def commands():
    single = list(phrases())
    out = [(w, a) for w, a in single]
    for (w1, a1), (w2, a2) in itertools.product(single, single):
        out.append((w1 + ["and"] + w2, a1 + a2))
        out.append((w1 + ["after"] + w2, a2 + a1))
    return out


pairs = commands()
random.shuffle(pairs)
pairs = [p for p in pairs if len(p[1]) <= 6][:1200]
train, test = pairs[:1000], pairs[1000:]
src_vocab = {w: i + 3 for i, w in enumerate(sorted({w for s, _ in pairs for w in s}))}
tgt_vocab = {w: i + 3 for i, w in enumerate(sorted({w for _, t in pairs for w in t}))}


def pad(rows):
    width = max(map(len, rows))
    return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])


def encode_target(actions):
    ids = [tgt_vocab[a] for a in actions]
    # fault:
    return [BOS] + ids
    # mended:
    #return [BOS] + ids + [EOS]
    # end


class Seq2Seq(nn.Module):
    def __init__(self, n_src, n_tgt, d=20, h=48):
        super().__init__()
        self.src = nn.Embedding(n_src, d, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, d, padding_idx=PAD)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(d + h, h)
        self.wq, self.wk, self.v = nn.Linear(h, h), nn.Linear(h, h, bias=False), nn.Linear(h, 1)
        self.out = nn.Linear(2 * h, n_tgt)

    def encode(self, x):
        lens = (x != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), lens, batch_first=True, enforce_sorted=False)
        states, last = self.enc(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([last[0], last[1]], 1), x == PAD

    def step(self, y, h, ctx, states, mask):
        h = self.cell(torch.cat([self.tgt(y), ctx], 1), h)
        e = self.v(torch.tanh(self.wq(h)[:, None] + self.wk(states))).squeeze(2)
        a = e.masked_fill(mask, -1e9).softmax(1)
        ctx = (a[:, :, None] * states).sum(1)
        return self.out(torch.cat([h, ctx], 1)), h, ctx

    def forward(self, x, y):
        states, h, mask = self.encode(x)
        ctx, logits = torch.zeros_like(h), []
        for t in range(y.size(1)):
            o, h, ctx = self.step(y[:, t], h, ctx, states, mask)
            logits.append(o)
        return torch.stack(logits, 1)

    @torch.no_grad()
    def greedy(self, x):
        states, h, mask = self.encode(x)
        ctx, y = torch.zeros_like(h), torch.full((x.size(0),), BOS)
        result = []
        for _ in range(MAX_OUT):
            o, h, ctx = self.step(y, h, ctx, states, mask)
            y = o.argmax(1)
            result.append(y)
        rows = torch.stack(result, 1).tolist()
        return [r[:r.index(EOS)] if EOS in r else r for r in rows]


model = Seq2Seq(len(src_vocab) + 3, len(tgt_vocab) + 3)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=PAD)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
for epoch in range(7):
    random.shuffle(train)
    total, steps = 0.0, 0
    for i in range(0, len(train), 32):
        chunk = train[i:i + 32]
        x = pad([[src_vocab[w] for w in s] for s, _ in chunk])
        y = pad([encode_target(t) for _, t in chunk])
        logits = model(x, y[:, :-1])
        loss = loss_fn(logits.reshape(-1, logits.size(2)), y[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total, steps = total + loss.item(), steps + 1
    sched.step()
    print(f"epoch {epoch} loss {total / steps:.4f}")

model.eval()
guess = model.greedy(pad([[src_vocab[w] for w in s] for s, _ in test]))
gold = [[tgt_vocab[a] for a in t] for _, t in test]
exact = sum(g == t for g, t in zip(guess, gold)) / len(test)
print(f"mean length: decoded {sum(map(len, guess)) / len(guess):.2f}, gold {sum(map(len, gold)) / len(gold):.2f}")
print(f"exact match on {len(test)} new commands: {exact:.3f}")
