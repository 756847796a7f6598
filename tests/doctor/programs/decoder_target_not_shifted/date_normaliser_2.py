"""Human-readable dates -> ISO dates, character level encoder/decoder with attention (course exercise 4)."""
import datetime
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(3)
torch.manual_seed(3)
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december"]


def make_pair():
    d = datetime.date(1950, 1, 1) + datetime.timedelta(days=random.randrange(29000))
    m = MONTHS[d.month - 1]
    human = random.choice([f"{d.day} {m[:3]} {d.year}", f"{m[:3]} {d.day} {d.year}"])
    return human, d.isoformat()


pairs = sorted({make_pair() for _ in range(2600)})
random.shuffle(pairs)
test, train = pairs[:200], pairs[200:]

PAD, SOS, EOS = 0, 1, 2
chars = sorted({c for a, b in train for c in a + b})
c2i = {c: i + 3 for i, c in enumerate(chars)}
i2c = {i: c for c, i in c2i.items()}
V = len(c2i) + 3


def encode(batch):
    src = [torch.tensor([c2i[c] for c in a]) for a, _ in batch]
    tgt = [torch.tensor([SOS] + [c2i[c] for c in b] + [EOS]) for _, b in batch]
    return nn.utils.rnn.pad_sequence(src, batch_first=True), nn.utils.rnn.pad_sequence(tgt, batch_first=True)


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(V, 32, padding_idx=PAD)
        self.rnn = nn.GRU(32, hid // 2, batch_first=True, bidirectional=True)

    def forward(self, src):
        lengths = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return out, torch.cat([h[0], h[1]], 1).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(V, 32)
        self.rnn = nn.GRU(32, hid, batch_first=True)
        self.att = nn.Linear(hid, hid, bias=False)
        self.out = nn.Linear(2 * hid, V)

    def forward(self, y, h, memory, src_mask):
        s, h = self.rnn(self.emb(y), h)
        scores = self.att(s) @ memory.transpose(1, 2)
        scores = scores.masked_fill(~src_mask.unsqueeze(1), -1e9)
        context = scores.softmax(-1) @ memory
        return self.out(torch.cat([s, context], -1)), h


encoder, decoder = Encoder(64), Decoder(64)
opt = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=6e-3)
crit = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def translate(batch):
    encoder.eval(); decoder.eval()
    src, _ = encode(batch)
    memory, h = encoder(src)
    tok = torch.full((len(batch), 1), SOS)
    outs = []
    for _ in range(11):
        logits, h = decoder(tok, h, memory, src != PAD)
        tok = logits.argmax(-1)
        outs.append(tok)
    encoder.train(); decoder.train()
    texts = []
    for row in torch.cat(outs, 1).tolist():
        row = row[:row.index(EOS)] if EOS in row else row
        texts.append("".join(i2c.get(i, "?") for i in row))
    return texts


for epoch in range(4):
    random.shuffle(train)
    total = n = 0
    for i in range(0, len(train), 24):
        src, tgt = encode(train[i:i + 24])
        memory, h = encoder(src)
        # fault:
        logits, _ = decoder(tgt[:, 1:], h, memory, src != PAD)
        # mended:
        # logits, _ = decoder(tgt[:, :-1], h, memory, src != PAD)
        # end
        loss = crit(logits.reshape(-1, V), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(list(encoder.parameters()) + list(decoder.parameters()), 1.0)
        opt.step()
        total += loss.item(); n += 1
    guesses = translate(test)
    exact = sum(g == b for g, (_, b) in zip(guesses, test)) / len(test)
    print(f"epoch {epoch + 1}  loss {total / n:.4f}  exact match on held-out dates {exact:.3f}")
for (a, b), g in list(zip(test, guesses))[:4]:
    print(f"{a:>22} -> {g}   (should be {b})")
