"""About a minute of CPU: a two-way LSTM on SST-2, batches of varying length, with an evaluation every epoch."""

import os
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

DATA = Path(os.environ["WORDFIT_DATA"])
torch.manual_seed(0)


def rows(name: str, most: int) -> list[tuple[list[str], int]]:
    lines = (DATA / "glue" / "SST-2" / name).read_text(encoding="utf-8").splitlines()[1 : most + 1]
    return [(text.split(), int(label)) for text, label in (line.rsplit("\t", 1) for line in lines)]


train, dev = rows("train.tsv", 20_000), rows("dev.tsv", 872)
words = {word: i for i, word in enumerate(["<pad>", "<unk>", *sorted({w for text, _ in train for w in text})])}


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(words), 100, padding_idx=0)
        self.lstm = nn.LSTM(100, 128, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(256, 2)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(self.words(ids), lengths, batch_first=True, enforce_sorted=False)
        _, (state, _) = self.lstm(packed)
        return self.out(self.drop(torch.cat([state[0], state[1]], dim=1)))


def batches(part: list[tuple[list[str], int]], order: list[int], size: int = 32):
    for at in range(0, len(order), size):
        chosen = [part[i] for i in order[at : at + size]]
        texts = [torch.tensor([words.get(w, 1) for w in text]) for text, _ in chosen]
        lengths = torch.tensor([len(t) for t in texts])
        yield pad_sequence(texts, batch_first=True), lengths, torch.tensor([label for _, label in chosen])


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(3):
    model.train()
    for ids, lengths, target in batches(train, torch.randperm(len(train)).tolist()):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(ids, lengths), target).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        parts = batches(dev, list(range(len(dev))))
        right = sum((model(ids, lengths).argmax(1) == target).sum().item() for ids, lengths, target in parts)
    print(epoch, right / len(dev))
