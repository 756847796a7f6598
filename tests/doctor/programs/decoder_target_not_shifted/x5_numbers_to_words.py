"""Seq2seq warm-up: read a number as digits, write it out in English words.

Adapted from the PyTorch "translation with a sequence to sequence network" tutorial, batched.
"""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(3)
torch.manual_seed(3)

ONES = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    out = []
    if n >= 1000:
        out += [ONES[n // 1000], "thousand"]
        n %= 1000
    if n >= 100:
        out += [ONES[n // 100], "hundred"]
        n %= 100
    if n >= 20:
        out.append(TENS[n // 10])
        n %= 10
        if n:
            out.append(ONES[n])
    elif n >= 10:
        out.append(TEENS[n - 10])
    elif n > 0:
        out.append(ONES[n])
    return out


PAD, SOS, EOS = 0, 1, 2
words = ["<pad>", "<sos>", "<eos>"] + ONES[1:] + TEENS + TENS[2:] + ["hundred", "thousand"]
w2i = {w: i for i, w in enumerate(words)}

numbers = random.sample(range(1000, 10000), 3600)
src = torch.tensor([[int(c) for c in str(n)] for n in numbers])
T = 10
tgt = torch.zeros(len(numbers), T, dtype=torch.long)
for r, n in enumerate(numbers):
    ids = [SOS] + [w2i[w] for w in spell(n)] + [EOS]
    tgt[r, :len(ids)] = torch.tensor(ids)

train_ds = TensorDataset(src[:3000], tgt[:3000])
test_src, test_tgt = src[3000:], tgt[3000:]


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.embedding = nn.Embedding(10, 16)
        self.gru = nn.GRU(16, hid, batch_first=True)

    def forward(self, x):
        _, h = self.gru(self.embedding(x))
        return h


class Decoder(nn.Module):
    def __init__(self, n_words, hid):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 24, padding_idx=PAD)
        self.gru = nn.GRU(24, hid, batch_first=True)
        self.out = nn.Linear(hid, n_words)

    def forward(self, x, h):
        o, h = self.gru(self.embedding(x), h)
        return self.out(o), h


encoder, decoder = Encoder(72), Decoder(len(words), 72)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=8e-3)
EPOCHS = 7
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
loader = DataLoader(train_ds, batch_size=64, shuffle=True)


@torch.no_grad()
def translate(x):
    h = encoder(x)
    tok = torch.full((x.size(0), 1), SOS)
    steps = []
    for _ in range(T - 1):
        logits, h = decoder(tok, h)
        tok = logits.argmax(-1)
        steps.append(tok)
    return torch.cat(steps, 1)


def exact_match(x, gold):
    encoder.eval(), decoder.eval()
    hyp, ok = translate(x), 0
    for h, g in zip(hyp.tolist(), gold.tolist()):
        h = h[:h.index(EOS)] if EOS in h else h
        ok += h == g[1:g.index(EOS)]
    return ok / len(x)


for epoch in range(EPOCHS):
    encoder.train(), decoder.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        # fault:
        logits, _ = decoder(y[:, 1:], encoder(x))
        # mended:
        # logits, _ = decoder(y[:, :-1], encoder(x))
        # end
        loss = criterion(logits.flatten(0, 1), y[:, 1:].flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    print(f"epoch {epoch + 1} loss {total / len(loader):.4f} exact match {exact_match(test_src, test_tgt):.3f}")

print("train exact match", round(exact_match(src[:600], tgt[:600]), 3))
for n, h in zip(numbers[3000:3003], translate(test_src[:3]).tolist()):
    print(n, "->", " ".join(words[i] for i in h if i > 2))
