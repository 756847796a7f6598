"""A few seconds: convolutions over the words of SST-2, rows through a `DataLoader`."""

import os
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = Path(os.environ["WORDFIT_DATA"])
LENGTH = 30
torch.manual_seed(0)


def rows(name: str, most: int) -> list[tuple[list[str], int]]:
    lines = (DATA / "glue" / "SST-2" / name).read_text(encoding="utf-8").splitlines()[1 : most + 1]
    return [(text.split()[:LENGTH], int(label)) for text, label in (line.rsplit("\t", 1) for line in lines)]


train, dev = rows("train.tsv", 12_000), rows("dev.tsv", 872)
words = {word: i for i, word in enumerate(["<pad>", "<unk>", *sorted({w for text, _ in train for w in text})])}


def encoded(part: list[tuple[list[str], int]]) -> TensorDataset:
    ids = torch.zeros(len(part), LENGTH, dtype=torch.long)
    for row, (text, _) in enumerate(part):
        ids[row, : len(text)] = torch.tensor([words.get(w, 1) for w in text])
    return TensorDataset(ids, torch.tensor([label for _, label in part]))


class Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(words), 64, padding_idx=0)
        self.convolutions = nn.ModuleList(nn.Conv1d(64, 48, width, padding=1) for width in (3, 4, 5))
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(144, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        embedded = self.embedding(ids).transpose(1, 2)
        pooled = [torch.relu(convolution(embedded)).amax(2) for convolution in self.convolutions]
        return self.head(self.drop(torch.cat(pooled, 1)))


model, loss_function = Convolutions(), nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
loaders = DataLoader(encoded(train), batch_size=50, shuffle=True), DataLoader(encoded(dev), batch_size=100)
for epoch in range(2):
    model.train()
    for ids, target in loaders[0]:
        optimizer.zero_grad()
        loss_function(model(ids), target).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        print(epoch, sum((model(ids).argmax(1) == target).sum().item() for ids, target in loaders[1]) / len(dev))
