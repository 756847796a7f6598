"""A few seconds: means of GloVe vectors on SST-2, very many steps of a millisecond."""

import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
random.seed(0)
torch.manual_seed(0)


def rows(name: str, most: int) -> list[tuple[list[str], int]]:
    lines = (DATA / "glue" / "SST-2" / name).read_text(encoding="utf-8").splitlines()[1 : most + 1]
    return [(text.split(), int(label)) for text, label in (line.rsplit("\t", 1) for line in lines)]


train, dev = rows("train.tsv", 16_000), rows("dev.tsv", 872)
vectors = {}
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as file:
    for line in file:
        word, *numbers = line.rstrip().split(" ")
        vectors[word] = [float(n) for n in numbers]
words = {word: i for i, word in enumerate(["<pad>", "<unk>", *sorted({w for text, _ in train for w in text})])}
table = torch.randn(len(words), 50) * 0.4
table[0] = 0
for word, i in words.items():
    if word in vectors:
        table[i] = torch.tensor(vectors[word])


class Bag(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.head = nn.Linear(50, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        mask = (ids != 0).unsqueeze(2).float()
        return self.head((self.embedding(ids) * mask).sum(1) / mask.sum(1).clamp(min=1))


def batches(part: list[tuple[list[str], int]], size: int = 32):
    for at in range(0, len(part), size):
        chosen = part[at : at + size]
        texts = [torch.tensor([words.get(w, 1) for w in text]) for text, _ in chosen]
        yield nn.utils.rnn.pad_sequence(texts, batch_first=True), torch.tensor([label for _, label in chosen])


model = Bag()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(3):
    random.shuffle(train)
    for ids, target in batches(train):
        loss = nn.functional.cross_entropy(model(ids), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        right = sum((model(ids).argmax(1) == target).sum().item() for ids, target in batches(dev))
    print(epoch, right / len(dev))
