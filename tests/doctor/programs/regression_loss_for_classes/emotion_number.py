"""Emotion of tweets from a bag of words."""
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(212)
torch.manual_seed(212)
FILE = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "tweeteval" / "emotion"


def load(split):
    with open(FILE / f"{split}_text.txt", encoding="utf-8") as t, open(FILE / f"{split}_labels.txt") as y:
        return [(re.findall(r"[a-z]+", line.lower()), int(v)) for line, v in zip(t, y)]


train, dev = load("train"), load("val")
vocab = {w: i + 1 for i, (w, c) in enumerate(Counter(w for t, _ in train for w in t).most_common(3500))}


def tensors(rows):
    ids = [torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])


class EmotionNet(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.bag = nn.EmbeddingBag(3501, 40, padding_idx=0)
        self.fc = nn.Linear(40, outputs)

    def forward(self, x):
        return self.fc(self.bag(x))


x, y = tensors(train)
xd, yd = tensors(dev)
# fault:
net = EmotionNet(1)
# mended:
# net = EmotionNet(4)
# end
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    running = 0.0
    for i in torch.randperm(len(y)).split(50):
        # fault:
        loss = nn.functional.smooth_l1_loss(net(x[i]).flatten(), y[i].float())
        # mended:
        # loss = nn.functional.cross_entropy(net(x[i]), y[i])
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(i)
    with torch.no_grad():
        # fault:
        guess = net(xd).flatten().round().clamp(0, 3)
        # mended:
        # guess = net(xd).argmax(1)
        # end
        acc = (guess == yd).float().mean().item()
    print(f"epoch {epoch} loss {running / len(y):.4f} accuracy {acc:.4f}")
