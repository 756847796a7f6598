import os
import random
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(149)
torch.manual_seed(149)
src = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "tweeteval" / "offensive"


def read(split, n):
    texts = open(src / f"{split}_text.txt", encoding="utf-8").read().splitlines()
    labels = [int(v) for v in open(src / f"{split}_labels.txt").read().split()]
    return [(t.lower().split(), y) for t, y in zip(texts, labels)][:n]


train, dev = read("train", 6000), read("val", 1300)
counts = Counter(w for t, _ in train for w in set(t))
vocab = {w: i + 1 for i, (w, _) in enumerate(counts.most_common(4000))}


def encode(rows):
    seqs = [torch.tensor([vocab[w] for w in t if w in vocab] or [0])[:40] for t, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in rows])


class Offensive(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 24, padding_idx=0)
        self.out = nn.Linear(24, 2)

    def forward(self, x):
        return self.out(self.bag(x))


# fault:
MAX_EPOCHS = 2
# mended:
# MAX_EPOCHS = 15
# end
model = Offensive()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
xv, yv = encode(dev)
xt, yt = encode(train)
for epoch in range(MAX_EPOCHS):
    total = 0.0
    for i in torch.randperm(len(yt)).split(64):
        loss = nn.functional.cross_entropy(model(xt[i]), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    with torch.no_grad():
        out = model(xv)
    guess = out.argmax(1)
    f1 = []
    for c in (0, 1):
        hit = ((guess == c) & (yv == c)).sum().item()
        f1.append(2 * hit / max(1, (guess == c).sum().item() + (yv == c).sum().item()))
    if MAX_EPOCHS < 5 or epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {total / len(yt):.4f} dev loss {nn.functional.cross_entropy(out, yv):.4f} dev macro F1 {sum(f1) / 2:.4f}")
