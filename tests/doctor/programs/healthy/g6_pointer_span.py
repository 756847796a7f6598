"""Pointer network: return the position of the token that the query key was bound to.

A sequence holds key/value tokens in random order "k3 v7 k1 v2 ..." plus filler; the query
is a key and the answer is the POSITION of the value right after it. Sequences are of
different length, the pointer never looks at padding.
"""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

KEYS, VALUES, FILL = 8, 10, 6
OFFSET_V, OFFSET_F = 1 + KEYS, 1 + KEYS + VALUES
VOCAB = 1 + KEYS + VALUES + FILL


class Bindings(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        seq, query, pos = self.rows[i]
        return torch.tensor(seq), query, pos


def make_row(rng):
    pairs = [(k, rng.randrange(VALUES)) for k in rng.sample(range(KEYS), rng.randint(2, 4))]
    seq, where = [], {}
    for k, v in pairs:
        seq += [OFFSET_F + rng.randrange(FILL) for _ in range(rng.randint(0, 2))]
        seq += [1 + k, OFFSET_V + v]
        where[k] = len(seq) - 1
    k = rng.choice(list(where))
    return tuple(seq), 1 + k, where[k]


def collate(batch):
    seqs, q, p = zip(*batch)
    return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor(q), torch.tensor(p)


class PointerNet(nn.Module):
    def __init__(self, vocab, dim=24, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.encoder = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.w1 = nn.Linear(2 * hidden, hidden, bias=False)
        self.w2 = nn.Linear(dim, hidden)
        self.v = nn.Linear(hidden, 1, bias=False)

    def forward(self, seq, lengths, query):
        packed = pack_padded_sequence(self.embed(seq), lengths, batch_first=True, enforce_sorted=False)
        enc, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True, total_length=seq.size(1))
        u = self.v(torch.tanh(self.w1(enc) + self.w2(self.embed(query)).unsqueeze(1))).squeeze(-1)
        return u.masked_fill(seq == 0, float("-inf"))


class Trainer:
    def __init__(self, model, lr):
        self.model, self.loss = model, nn.CrossEntropyLoss()
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, loader):
        self.model.train()
        for seq, n, q, p in loader:
            self.opt.zero_grad(set_to_none=True)
            self.loss(self.model(seq, n, q), p).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
            self.opt.step()

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        hit = total = loss = 0
        for seq, n, q, p in loader:
            u = self.model(seq, n, q)
            loss += self.loss(u, p).item() * len(p)
            hit += (u.argmax(1) == p).sum().item()
            total += len(p)
        return loss / total, hit / total


def main():
    torch.manual_seed(4)
    rng = random.Random(4)
    rows = []
    known = set()
    while len(rows) < 2500:
        r = make_row(rng)
        if r not in known:
            known.add(r)
            rows.append(r)
    train, test = Bindings(rows[:2000]), Bindings(rows[2000:])
    tl = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
    el = DataLoader(test, batch_size=250, collate_fn=collate)
    trainer = Trainer(PointerNet(VOCAB), lr=6e-3)
    for epoch in range(1, 9):
        trainer.fit(tl)
        print("epoch %d  test loss %.3f accuracy %.3f" % (epoch, *trainer.score(el)))
    print("train loss %.3f accuracy %.3f" % trainer.score(tl))


if __name__ == "__main__":
    main()
