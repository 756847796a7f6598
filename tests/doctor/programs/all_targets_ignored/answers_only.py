"""Tune a small decoder on question-answer text; only the answer tokens count for the loss."""
import math
import random

import torch
from torch import nn

random.seed(33)
torch.manual_seed(33)
capitals = {f"land{i}": f"city{i}" for i in range(12)}
polite = "please kindly tell me now if you can would you be so good and say".split()
words = ["<pad>", "<q>", "<a>", "<end>", "capital", "of", "?"] + polite + list(capitals) + list(capitals.values())
v = {w: i for i, w in enumerate(words)}
MAX_LEN, IGNORE = 16, -100


def example():
    land = random.choice(list(capitals))
    prompt = ["<q>"] + random.choices(polite, k=random.choice([3, 4, 5, 12])) + ["capital", "of", land, "?", "<a>"]
    answer = [capitals[land], "<end>"]
    ids = [v[w] for w in prompt + answer]
    target = [IGNORE] * len(prompt) + [v[w] for w in answer]
    # fault:
    return ids[:MAX_LEN], target[:MAX_LEN]
    # mended:
    # return ids[-MAX_LEN:], target[-MAX_LEN:]
    # end


def batch(n):
    rows = [example() for _ in range(n)]
    x = torch.zeros(n, MAX_LEN, dtype=torch.long)
    y = torch.full((n, MAX_LEN), IGNORE)
    for i, (a, b) in enumerate(rows):
        x[i, : len(a)] = torch.tensor(a)
        y[i, : len(b)] = torch.tensor(b)
    return x, y


class Decoder(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(words), d, padding_idx=0)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, len(words))

    def forward(self, x):
        return self.out(self.rnn(self.emb(x))[0])


model = Decoder()
opt = torch.optim.AdamW(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORE)
for step in range(1, 181):
    opt.zero_grad()
    shown = 0.0 if step % 30 == 1 else shown
    for _ in range(4):  # accumulate
        x, y = batch(2)
        logits = model(x[:, :-1])
        loss = loss_fn(logits.transpose(1, 2), y[:, 1:]) / 4
        loss.backward()
        shown += loss.item() / 30
    opt.step()
    if step % 30 == 0:
        with torch.no_grad():
            x, y = batch(200)
            t = y[:, 1:]
            hit = (model(x[:, :-1]).argmax(-1) == t)[t != IGNORE].float().mean().item()
        print(f"step {step} loss {shown:.4f} answer tokens right {hit:.3f}")
