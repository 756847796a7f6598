"""Language model on image captions with tied weights, dropout, SGD and clipping; state carried over windows."""
import gzip
import math
import os
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(303)
path = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "multi30k" / "val.en.gz"
with gzip.open(path, "rt", encoding="utf-8") as f:
    stream = [w for line in f for w in re.findall(r"\w+", line.lower()) + ["<eos>"]]
common = [w for w, _ in Counter(stream).most_common(400)]
stoi = {w: i + 1 for i, w in enumerate(common)}
data = torch.tensor([stoi.get(w, 0) for w in stream])
cut = int(len(data) * 0.9)


def columns(x, n):
    return x[: len(x) // n * n].view(n, -1).T.contiguous()  # (T, B)


class TiedLM(nn.Module):
    def __init__(self, size, d=48):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(size, d)
        self.rnn = nn.GRU(d, d)
        self.decoder = nn.Linear(d, size)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(self, x, h):
        o, h = self.rnn(self.drop(self.encoder(x)), h)
        return self.decoder(self.drop(o)), h


train, valid = columns(data[:cut], 20), columns(data[cut:], 10)
model = TiedLM(len(stoi) + 1)
optimizer = torch.optim.SGD(model.parameters(), lr=5.0)


def run(x, training):
    model.train(training)
    h, total, n = None, 0.0, 0
    for t in range(0, len(x) - 1, 16):
        a, b = x[t : t + 16][: len(x) - 1 - t], x[t + 1 : t + 17]
        with torch.set_grad_enabled(training):
            logits, h = model(a, h)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), b.flatten())
        h = h.detach()  # truncated back-propagation
        if training:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
        total += loss.item() * b.numel()
        n += b.numel()
    return total / n


for epoch in range(5):
    a, b = run(train, True), run(valid, False)
    print(f"epoch {epoch} train loss {a:.3f} valid loss {b:.3f} valid ppl {math.exp(b):.2f}")
