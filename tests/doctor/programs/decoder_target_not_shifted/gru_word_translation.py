"""Translate tiny English phrases into a made-up language with an encoder and a decoder GRU."""
import random
import zlib

import torch
import torch.nn as nn

random.seed(80)
torch.manual_seed(80)
PAD, BOS, EOS = 0, 1, 2
NOUNS = {"dog": "lupo", "house": "domar", "tree": "arvo", "book": "librin", "river": "flumo"}
ADJS = {"red": "rossu", "big": "granda", "old": "vetus", "wet": "humi"}
VERBS = {"sees": "vidat", "wants": "volit", "finds": "trovat"}


def phrase():
    a, b, n, m, v = random.choice(list(ADJS)), random.choice(list(ADJS)), random.choice(list(NOUNS)), random.choice(list(NOUNS)), random.choice(list(VERBS))
    src, tgt = ["the", a, n], [NOUNS[n], ADJS[a]]
    if random.random() < 0.7:
        src += [v, "the", m]
        tgt += [VERBS[v], NOUNS[m]]
        if random.random() < 0.5:
            src.insert(5, b)
            tgt.append(ADJS[b])
    return src, tgt


src_vocab = {w: i + 3 for i, w in enumerate(["the"] + list(ADJS) + list(NOUNS) + list(VERBS))}
tgt_vocab = {w: i + 3 for i, w in enumerate(list(NOUNS.values()) + list(ADJS.values()) + list(VERBS.values()))}


def held_out(tokens):
    return zlib.crc32(" ".join(tokens).encode()) % 5 == 0


def fresh(n, dev):
    rows = []
    while len(rows) < n:
        row = phrase()
        if held_out(row[0]) == dev:
            rows.append(row)
    return rows


def make_batch(n, dev=False):
    rows = fresh(n, dev)
    src = nn.utils.rnn.pad_sequence([torch.tensor([src_vocab[w] for w in s] + [EOS]) for s, _ in rows])
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([BOS] + [tgt_vocab[w] for w in t] + [EOS]) for _, t in rows])
    return src, tgt  # (S, B), (T, B)


class Encoder(nn.Module):
    def __init__(self, n, d, h):
        super().__init__()
        self.embedding = nn.Embedding(n, d, padding_idx=PAD)
        self.rnn = nn.GRU(d, h)

    def forward(self, src):
        lengths = (src != PAD).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lengths, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, n, d, h):
        super().__init__()
        self.embedding = nn.Embedding(n, d, padding_idx=PAD)
        self.rnn = nn.GRU(d, h)
        self.out = nn.Linear(h, n)

    def forward(self, tokens, hidden):
        o, hidden = self.rnn(self.embedding(tokens), hidden)
        return self.out(o), hidden


encoder, decoder = Encoder(len(src_vocab) + 3, 24, 64), Decoder(len(tgt_vocab) + 3, 24, 64)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=5e-3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
for step in range(1, 251):
    src, tgt = make_batch(32)
    # fault:
    logits, _ = decoder(tgt[1:], encoder(src))
    # mended:
    # logits, _ = decoder(tgt[:-1], encoder(src))
    # end
    loss = criterion(logits.flatten(0, 1), tgt[1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")

encoder.eval()
decoder.eval()
with torch.no_grad():
    src, tgt = make_batch(200, dev=True)
    hidden = encoder(src)
    token = torch.full((1, 200), BOS)
    outputs = []
    for _ in range(tgt.size(0) - 1):
        logits, hidden = decoder(token, hidden)
        token = logits.argmax(-1)
        outputs.append(token)
    outputs = torch.cat(outputs)
    goal = tgt[1:]
    exact = ((outputs == goal) | (goal == PAD)).all(0).float().mean().item()
print(f"exact match on new phrases {exact:.3f}")
