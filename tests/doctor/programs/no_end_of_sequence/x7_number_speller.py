"""Seq2seq homework: spell out numbers (digits in, English words out).

Usage: python spell.py      Encoder GRU -> decoder GRU, teacher forcing, greedy decoding.
"""
import random

import torch
import torch.nn as nn

random.seed(10)
torch.manual_seed(10)
ONES = ('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen '
        'seventeen eighteen nineteen').split()
TENS = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split()


def spell(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + (spell(n % 10) if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], 'hundred'] + (['and'] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ['thousand'] + (spell(n % 1000) if n % 1000 else [])


PAD, SOS, EOS = 0, 1, 2
OUT = ['<pad>', '<sos>', '<eos>'] + ONES + TENS[2:] + ['hundred', 'and', 'thousand']
W2I = {w: i for i, w in enumerate(OUT)}
MAX_OUT = 12

numbers = random.sample(range(100, 10000), 4500)
train_numbers, test_numbers = numbers[:4000], numbers[4000:]


def encode(n):
    src = [int(c) + 1 for c in f'{n:04d}']
    # fault:
    tgt = [SOS] + [W2I[w] for w in spell(n)]
    # mended:
    # tgt = [SOS] + [W2I[w] for w in spell(n)] + [EOS]
    # end
    return src, tgt


def make_batch(ns):
    pairs = [encode(n) for n in ns]
    width = max(len(t) for _, t in pairs)
    return torch.tensor([s for s, _ in pairs]), torch.tensor([t + [PAD] * (width - len(t)) for _, t in pairs])


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(11, 16)
        self.proj = nn.Linear(64, hid)

    def forward(self, src):                      # four digits, always
        return torch.tanh(self.proj(self.emb(src).flatten(1))).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.emb = nn.Embedding(len(OUT), 24, padding_idx=PAD)
        self.gru = nn.GRU(24 + hid, hid, batch_first=True)
        self.out = nn.Linear(hid, len(OUT))

    def forward(self, prev, state, context):
        e = self.emb(prev)
        c = context.transpose(0, 1).expand(-1, e.size(1), -1)
        h, state = self.gru(torch.cat([e, c], -1), state)
        return self.out(h), state


encoder, decoder = Encoder(80), Decoder(80)
params = list(encoder.parameters()) + list(decoder.parameters())
opt = torch.optim.Adam(params, lr=8e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
loss_fn = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def translate(ns):
    src, _ = make_batch(ns)
    context = state = encoder(src)
    tok = torch.full((len(ns), 1), SOS)
    steps = []
    for _ in range(MAX_OUT):
        logits, state = decoder(tok, state, context)
        tok = logits.argmax(-1)
        steps.append(tok)
    answers = []
    for row in torch.cat(steps, 1).tolist():
        if EOS in row:
            row = row[:row.index(EOS)]
        answers.append([OUT[i] for i in row])
    return answers


def exact_match(ns):
    encoder.eval(); decoder.eval()
    return sum(a == spell(n) for a, n in zip(translate(ns), ns)) / len(ns)


for epoch in range(5):
    encoder.train(); decoder.train()
    random.shuffle(train_numbers)
    total = 0.0
    for i in range(0, len(train_numbers), 80):
        src, tgt = make_batch(train_numbers[i:i + 80])
        context = encoder(src)
        logits, _ = decoder(tgt[:, :-1], context, context)
        loss = loss_fn(logits.reshape(-1, len(OUT)), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        total += loss.item()
    sched.step()
    print(f'epoch {epoch + 1}: loss {total / (len(train_numbers) / 80):.4f}  exact match train {exact_match(train_numbers[:300]):.3f} test {exact_match(test_numbers):.3f}')

for n, a in zip(test_numbers[:3], translate(test_numbers[:3])):
    print(n, '->', ' '.join(a))
