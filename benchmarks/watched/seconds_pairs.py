"""A few seconds: two-way LSTMs over the pairs of RTE, compared by their difference and product."""

import os
import random
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

DATA = Path(os.environ["WORDFIT_DATA"])
random.seed(1)
torch.manual_seed(1)


def rows(name: str, most: int) -> list[tuple[list[str], list[str], int]]:
    lines = (DATA / "glue" / "RTE" / name).read_text(encoding="utf-8").splitlines()[1 : most + 1]
    fields = [line.split("\t") for line in lines]
    return [(f[1].lower().split()[:40], f[2].lower().split()[:40], int(f[3] == "entailment")) for f in fields]


train, dev = rows("train.tsv", 1_200), rows("dev.tsv", 277)
words = {w: i + 2 for i, w in enumerate(sorted({w for one, two, _ in train for w in one + two}))}


class Pairs(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(words) + 2, 50, padding_idx=0)
        self.lstm = nn.LSTM(50, 48, batch_first=True, bidirectional=True)
        self.head = nn.Sequential(nn.Linear(192, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, 2))

    def read(self, texts: list[torch.Tensor]) -> torch.Tensor:
        lengths = torch.tensor([len(t) for t in texts])
        embedded = self.embedding(pad_sequence(texts, batch_first=True))
        _, (state, _) = self.lstm(pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False))
        return torch.cat([state[0], state[1]], 1)

    def forward(self, ones: list[torch.Tensor], twos: list[torch.Tensor]) -> torch.Tensor:
        one, two = self.read(ones), self.read(twos)
        return self.head(torch.cat([(one - two).abs(), one * two], 1))


def ids(text: list[str]) -> torch.Tensor:
    return torch.tensor([words.get(w, 1) for w in text])


def batches(part: list[tuple[list[str], list[str], int]], size: int = 16):
    for at in range(0, len(part), size):
        ones, twos, labels = zip(*part[at : at + size])
        yield [ids(t) for t in ones], [ids(t) for t in twos], torch.tensor(labels)


model = Pairs()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    random.shuffle(train)
    model.train()
    for ones, twos, target in batches(train):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(ones, twos), target).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, sum((model(a, b).argmax(1) == y).sum().item() for a, b, y in batches(dev)) / len(dev))
