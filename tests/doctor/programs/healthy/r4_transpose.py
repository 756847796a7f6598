"""Melody transposition as seq2seq: source = interval tag + notes with ornaments, target = transposed notes without ornaments.
GRU encoder, GRU decoder with dot attention, one table shared by source, target and output. Greedy decoding, exact match
and own metric (note edit similarity)."""
import difflib
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

PAD, BOS, EOS = 0, 1, 2
INTERVALS = {"up2": 2, "up4": 4, "down3": -3, "same": 0}
N_NOTES = 10
NOTE0 = 3
TAG0 = NOTE0 + N_NOTES
ORNAMENT = TAG0 + len(INTERVALS)
VOCAB = ORNAMENT + 1


@dataclass
class Conf:
    n_train: int = 2600
    n_test: int = 250
    dim: int = 48
    lr: float = 8e-3
    batch: int = 40
    epochs: int = 4
    seed: int = 33


conf = Conf()
random.seed(conf.seed)
torch.manual_seed(conf.seed)


def pieces(n, used):
    rows = []
    while len(rows) < n:
        k = random.randrange(len(INTERVALS))
        shift = list(INTERVALS.values())[k]
        notes = [random.randrange(N_NOTES) for _ in range(random.randint(2, 5))]
        src = [TAG0 + k]
        for note in notes:
            src.append(NOTE0 + note)
            if random.random() < 0.25:
                src.append(ORNAMENT)
        if tuple(src) in used:
            continue
        used.add(tuple(src))
        rows.append((src, [NOTE0 + (v + shift) % N_NOTES for v in notes] + [EOS]))
    return rows


def batch_of(rows):
    src = pad_sequence([torch.tensor(s) for s, _ in rows], batch_first=True, padding_value=PAD)
    tgt = pad_sequence([torch.tensor(t) for _, t in rows], batch_first=True, padding_value=PAD)
    return src, torch.tensor([len(s) for s, _ in rows]), tgt


class Transposer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.table = nn.Embedding(VOCAB, c.dim, padding_idx=PAD)
        nn.init.normal_(self.table.weight[NOTE0:], std=0.3)
        self.encoder = nn.GRU(c.dim, c.dim // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRUCell(c.dim, c.dim)
        self.mix = nn.Linear(3 * c.dim, c.dim)
        self.back = nn.Linear(c.dim, c.dim)
        self.bias = nn.Parameter(torch.zeros(VOCAB))

    def encode(self, src, lengths):
        packed = pack_padded_sequence(self.table(src), lengths, batch_first=True, enforce_sorted=False)
        states, h = self.encoder(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([h[0], h[1]], 1), src != PAD

    def step(self, token, h, states, mask, tag):
        h = self.decoder(self.table(token), h)
        att = torch.bmm(states, h.unsqueeze(2)).squeeze(2).masked_fill(~mask, float("-inf")).softmax(1)
        context = torch.bmm(att.unsqueeze(1), states).squeeze(1)
        o = self.back(torch.relu(self.mix(torch.cat([h, context, tag], 1))))
        return o @ self.table.weight.T + self.bias, h

    def forward(self, src, lengths, tgt):
        states, h, mask = self.encode(src, lengths)
        tag = self.table(src[:, 0])
        inputs = torch.cat([torch.full((len(src), 1), BOS), tgt[:, :-1]], 1)
        logits = []
        for t in range(tgt.size(1)):
            z, h = self.step(inputs[:, t], h, states, mask, tag)
            logits.append(z)
        return torch.stack(logits, 1)

    @torch.no_grad()
    def decode(self, src, lengths, limit=10):
        states, h, mask = self.encode(src, lengths)
        tag, token, out = self.table(src[:, 0]), torch.full((len(src),), BOS), []
        for _ in range(limit):
            z, h = self.step(token, h, states, mask, tag)
            token = z.argmax(1)
            out.append(token)
        return [row[: row.index(EOS)] if EOS in row else row for row in torch.stack(out, 1).tolist()]


def evaluate(model, rows):
    model.eval()
    src, lengths, _ = batch_of(rows)
    guesses = model.decode(src, lengths)
    gold = [t[:-1] for _, t in rows]
    exact = sum(g == t for g, t in zip(guesses, gold)) / len(rows)
    near = sum(difflib.SequenceMatcher(None, g, t).ratio() for g, t in zip(guesses, gold)) / len(rows)
    return exact, near


used = set()
train, test = pieces(conf.n_train, used), pieces(conf.n_test, used)
model = Transposer(conf)
optimizer = torch.optim.Adam(model.parameters(), lr=conf.lr)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, conf.epochs, eta_min=5e-4)
for epoch in range(conf.epochs):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), conf.batch):
        src, lengths, tgt = batch_of(train[i:i + conf.batch])
        loss = nn.functional.cross_entropy(model(src, lengths, tgt).transpose(1, 2), tgt, ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        total += loss.item()
    schedule.step()
    print("epoch %d  loss %.3f  exact %.3f  similarity %.3f" % (epoch + 1, total * conf.batch / len(train), *evaluate(model, test)))
print("training pieces: exact %.3f similarity %.3f" % evaluate(model, train[:250]))
