"""Spell out numbers: digits to English words."""
import random

import torch
from torch import nn

random.seed(82)
torch.manual_seed(82)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def words(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    return [ONES[n // 100], "hundred"] + (words(n % 100) if n % 100 else [])


V = ["<pad>", "<go>", "<end>", "hundred"] + ONES + TENS[2:]
w2i = {w: i for i, w in enumerate(V)}


def batch(numbers):
    src = torch.tensor([[int(c) for c in f"{n:03d}"] for n in numbers])
    out = [torch.tensor([w2i[w] for w in ["<go>"] + words(n) + ["<end>"]]) for n in numbers]
    return src, nn.utils.rnn.pad_sequence(out, batch_first=True)


class NumberSpeller(nn.Module):
    def __init__(self, hid=96):
        super().__init__()
        self.digit = nn.Embedding(10, 16)
        self.enc = nn.LSTM(16, hid, batch_first=True)
        self.word = nn.Embedding(len(V), 24, padding_idx=0)
        self.dec = nn.LSTM(24, hid, batch_first=True)
        self.out = nn.Linear(hid, len(V))

    def encode(self, src):
        _, state = self.enc(self.digit(src))
        # fault:
        return tuple(torch.zeros_like(s) for s in state)
        # mended:
        # return state
        # end

    def forward(self, src, tgt_in):
        h, _ = self.dec(self.word(tgt_in), self.encode(src))
        return self.out(h)

    def speak(self, src, limit=7):
        state = self.encode(src)
        token = torch.full((len(src), 1), w2i["<go>"])
        result = []
        for _ in range(limit):
            h, state = self.dec(self.word(token), state)
            token = self.out(h).argmax(-1)
            result.append(token)
        return torch.cat(result, 1)


pool = list(range(1000))
random.shuffle(pool)
train, dev = pool[:850], pool[850:]
model = NumberSpeller()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=0)
for epoch in range(14):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 850, 50):
        src, tgt = batch(train[i : i + 50])
        loss = loss_fn(model(src, tgt[:, :-1]).transpose(1, 2), tgt[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 1:
        print(f"epoch {epoch + 1} loss {total / 17:.4f}")
with torch.no_grad():
    src, _ = batch(dev)
    said = model.speak(src).tolist()
correct = sum((row + [2])[: (row + [2]).index(2)] == [w2i[w] for w in words(n)] for row, n in zip(said, dev))
print("dev exact match", correct / len(dev))
