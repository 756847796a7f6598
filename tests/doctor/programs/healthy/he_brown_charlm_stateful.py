"""Character language model of the Brown corpus: 32 parallel streams, truncated backpropagation, output tied to the input."""
import gzip
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(81)
text = []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt", encoding="utf8") as f:
    for i, line in enumerate(f):
        if 2000 <= i < 3700:
            text.append("".join(c for c in line.lower().strip() if c.isalpha() or c == " ").replace("  ", " "))
text = "\n".join(text)
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
B, T, D = 32, 40, 96
cut = int(len(ids) * 0.9)


def streams(x):
    n = (len(x) - 1) // B
    return x[:n * B].view(B, n).t(), x[1:n * B + 1].view(B, n).t()      # (n, B)


class TiedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(chars), D)
        nn.init.normal_(self.emb.weight, std=0.08)
        self.lstm = nn.LSTM(D, D)
        self.bias = nn.Parameter(torch.zeros(len(chars)))

    def forward(self, x, state=None):
        h, state = self.lstm(self.emb(x), state)
        return F.linear(h, self.emb.weight, self.bias), state


model = TiedLM()
opt = torch.optim.Adam(model.parameters(), lr=8e-3, betas=(0.9, 0.98))
train_x, train_y = streams(ids[:cut])
dev_x, dev_y = streams(ids[cut:])
EPOCHS = 5
n_steps = EPOCHS * math.ceil(len(train_x) / T)
schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 20) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, s / n_steps))))
unigram = torch.bincount(ids[:cut], minlength=len(chars)) / cut
print(f"{len(chars)} symbols, {cut} training characters, unigram {-(unigram * unigram.clamp(min=1e-9).log2()).sum():.3f} bits")


def bits(x, y):
    total, state = 0.0, None
    with torch.no_grad():
        for t in range(0, len(x), T):
            logits, state = model(x[t:t + T], state)
            total += F.cross_entropy(logits.flatten(0, 1), y[t:t + T].flatten(), reduction="sum").item()
    return total / x.numel() / math.log(2)


for epoch in range(EPOCHS):
    state, total, n = None, 0.0, 0
    for t in range(0, len(train_x), T):
        if state is not None:
            state = tuple(s.detach() for s in state)
        logits, state = model(train_x[t:t + T], state)
        loss = F.cross_entropy(logits.flatten(0, 1), train_y[t:t + T].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        schedule.step()
        total, n = total + loss.item(), n + 1
    print(f"epoch {epoch + 1}: train {total / n / math.log(2):.3f} bits, dev {bits(dev_x, dev_y):.3f} bits per character")
