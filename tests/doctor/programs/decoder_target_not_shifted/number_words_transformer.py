"""nn.Transformer that reads a number and writes it in words."""
import math
import random

import torch
import torch.nn as nn

random.seed(0)
torch.manual_seed(0)
ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
tens = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ones[n]]
    if n < 100:
        return [tens[n // 10]] + ([ones[n % 10]] if n % 10 else [])
    return [ones[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])


PAD, BOS, EOS = 0, 1, 2
tgt_vocab = {w: i + 3 for i, w in enumerate(dict.fromkeys(w for n in range(1000) for w in spell(n)))}
numbers = list(range(1000))
random.shuffle(numbers)
train, dev = numbers[:800], numbers[800:]


def batch(ns):
    src = torch.tensor([[int(c) + 1 for c in f"{n:03d}"] for n in ns])
    out = [[BOS] + [tgt_vocab[w] for w in spell(n)] + [EOS] for n in ns]
    return src, torch.tensor([o + [PAD] * (7 - len(o)) for o in out])


class Seq2SeqTransformer(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src_emb = nn.Embedding(11, d)
        self.tgt_emb = nn.Embedding(len(tgt_vocab) + 3, d, padding_idx=PAD)
        self.src_pos = nn.Parameter(torch.randn(3, d) * 0.1)
        self.tgt_pos = nn.Parameter(torch.randn(8, d) * 0.1)
        self.transformer = nn.Transformer(d, 4, 1, 1, 96, dropout=0.0, batch_first=True)
        self.generator = nn.Linear(d, len(tgt_vocab) + 3)
        self.scale = math.sqrt(d)

    def forward(self, src, tgt):
        mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(1))
        s = self.src_emb(src) + self.src_pos
        t = self.tgt_emb(tgt) + self.tgt_pos[: tgt.size(1)]
        return self.generator(self.transformer(s, t, tgt_mask=mask, tgt_is_causal=True))


def translate(model, src):
    ys = torch.full((len(src), 1), BOS)
    for _ in range(6):
        ys = torch.cat([ys, model(src, ys)[:, -1].argmax(1, keepdim=True)], 1)
    return ys[:, 1:]


model = Seq2SeqTransformer()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        src, tgt = batch(train[i : i + 32])
        # fault:
        output = model(src, tgt)
        loss = criterion(output.reshape(-1, output.size(-1)), tgt.reshape(-1))
        # mended:
        # output = model(src, tgt[:, :-1])
        # loss = criterion(output.reshape(-1, output.size(-1)), tgt[:, 1:].reshape(-1))
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        src, tgt = batch(dev)
        out = translate(model, src)
        exact = sum(o[: o.index(EOS)] == t[1 : t.index(EOS)] if EOS in o else False for o, t in zip(out.tolist(), tgt.tolist()))
    print(f"Epoch {epoch + 1}: loss {loss.item():.4f}, dev exact match {exact / len(dev):.3f}")
