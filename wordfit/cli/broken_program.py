"""The training program that `wordfit demo` has examined: ordinary PyTorch with one classic fault.

Texts are padded to one length and the LSTM's state at the last position is used, which is a state of padding.
"""

PROGRAM = r'''"""Which part of Python's library does a sentence document? An LSTM over word vectors."""

import csv
import re
import sys

import torch
from torch import nn

LENGTH = 50
folder = sys.argv[1] if len(sys.argv) > 1 else "."
torch.manual_seed(0)


def read(name):
    with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [label for label, _ in rows], [re.findall(r"\w+|[^\w\s]", text.lower()) for _, text in rows]


words, rows = ["<pad>", "<unk>"], []
with open(f"{folder}/vectors.txt", encoding="utf-8") as file:
    for line in file:
        word, *values = line.rstrip().split(" ")
        words.append(word)
        rows.append([float(value) for value in values])
ids = {word: i for i, word in enumerate(words)}
table = torch.cat([torch.zeros(2, len(rows[0])), torch.tensor(rows)])

train_labels, train_texts = read("train.tsv")
dev_labels, dev_texts = read("dev.tsv")
names = sorted(set(train_labels))


def encode(texts):
    padded = [[ids.get(word, 1) for word in text][:LENGTH] + [0] * (LENGTH - len(text)) for text in texts]
    return torch.tensor(padded)


train_x, train_y = encode(train_texts), torch.tensor([names.index(label) for label in train_labels])
dev_x, dev_y = encode(dev_texts), torch.tensor([names.index(label) for label in dev_labels])


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(table.shape[1], 32, batch_first=True)
        self.output = nn.Linear(32, len(names))

    def forward(self, x):
        states, _ = self.lstm(self.embedding(x))
        return self.output(states[:, -1])


model = Classifier()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
loss_function = nn.CrossEntropyLoss()
for epoch in range(2):
    model.train()
    for batch in torch.randperm(len(train_x)).split(64):
        optimizer.zero_grad()
        loss = loss_function(model(train_x[batch]), train_y[batch])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        answers = model(dev_x).argmax(dim=1)
    accuracy = (answers == dev_y).float().mean().item()
    given = answers.bincount(minlength=len(names)).max().item() / len(dev_y)
    print(f"epoch {epoch + 1}  dev accuracy {accuracy:.3f}  commonest answer given to {given:.0%} of the sentences")
'''
