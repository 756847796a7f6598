"""Word-level LSTM language model with tied input and output tables on a small phrase grammar."""
import math
import random

import torch
from torch import nn

random.seed(2); torch.manual_seed(2)
NP = ["the dog", "the old cat", "a girl", "her brother", "the young teacher", "my friend"]
V = ["sees", "likes", "follows", "greets", "paints"]
PP = ["in the garden", "near the river", "at school", "on monday", ""]


def sentence():
    return f"{random.choice(NP)} {random.choice(V)} {random.choice(NP)} {random.choice(PP)} .".split()


def stream(n):
    return [w for _ in range(n) for w in sentence()]


train, valid = stream(1500), stream(200)
vocab = {w: i for i, w in enumerate(sorted(set(train)))}


def columns(words, batch):
    ids = torch.tensor([vocab[w] for w in words])
    n = len(ids) // batch
    return ids[: n * batch].view(batch, n).t().contiguous()  # (T, B)


class TiedLM(nn.Module):
    def __init__(self, size, d=32):
        super().__init__()
        self.encoder = nn.Embedding(size, d)
        self.lstm = nn.LSTM(d, d)
        self.drop = nn.Dropout(0.1)
        self.decoder = nn.Linear(d, size)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(self, x, state=None):
        h, state = self.lstm(self.drop(self.encoder(x)), state)
        return self.decoder(self.drop(h)), tuple(s.detach() for s in state)


lm = TiedLM(len(vocab))
opt = torch.optim.Adam(lm.parameters(), lr=8e-3)
data, held = columns(train, 16), columns(valid, 4)
BPTT = 20
for epoch in range(6):
    lm.train()
    state, total, count = None, 0.0, 0
    for i in range(0, data.size(0) - 1, BPTT):
        n = min(BPTT, data.size(0) - 1 - i)
        x, y = data[i:i + n], data[i + 1:i + 1 + n]
        logits, state = lm(x, state)
        loss = nn.functional.cross_entropy(logits.reshape(-1, len(vocab)), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 0.5)
        opt.step()
        total, count = total + loss.item() * n, count + n
    lm.eval()
    with torch.no_grad():
        logits, _ = lm(held[:-1])
        val = nn.functional.cross_entropy(logits.reshape(-1, len(vocab)), held[1:].reshape(-1)).item()
    print(f"epoch {epoch} train ppl {math.exp(total / count):.3f} valid ppl {math.exp(val):.3f}")
