"""Sentiment analysis on SST-2, following the well-known RNN tutorial."""
import os
import random

import torch
import torch.nn as nn
import torch.optim as optim

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "glue", "SST-2")


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            yield text.split(), float(label)


valid_data = list(read("dev.tsv"))
seen = {" ".join(t) for t, _ in valid_data}
train_data = [(t, y) for t, y in read("train.tsv") if 6 <= len(t) <= 22 and " ".join(t) not in seen]
random.shuffle(train_data)
train_data = train_data[:8000]

counts = {}
for t, _ in train_data:
    for w in t:
        counts[w] = counts.get(w, 0) + 1
itos = ["<pad>", "<unk>"] + [w for w, c in counts.items() if c >= 2]
stoi = {w: i for i, w in enumerate(itos)}


def batches(data, batch_size, shuffle):
    data = data[:]
    if shuffle:
        random.shuffle(data)
    for i in range(0, len(data), batch_size):
        part = data[i : i + batch_size]
        lengths = torch.tensor([len(t) for t, _ in part])
        text = torch.zeros(len(part), int(lengths.max()), dtype=torch.long)
        for j, (t, _) in enumerate(part):
            text[j, : len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
        yield text, lengths, torch.tensor([y for _, y in part])


class RNN(nn.Module):
    def __init__(self, input_dim, embedding_dim, hidden_dim, output_dim, dropout):
        super().__init__()
        self.embedding = nn.Embedding(input_dim, embedding_dim, padding_idx=0)
        self.rnn = nn.GRU(embedding_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)
        self.dropout = nn.Dropout(dropout)
        self.act = nn.Sigmoid()

    def forward(self, text, text_lengths):
        embedded = self.dropout(self.embedding(text))
        packed = nn.utils.rnn.pack_padded_sequence(embedded, text_lengths, batch_first=True, enforce_sorted=False)
        _, hidden = self.rnn(packed)
        # fault:
        return self.act(self.fc(hidden[-1]))
        # mended:
        # return self.fc(hidden[-1])
        # end


def binary_accuracy(preds, y):
    rounded_preds = torch.round(torch.sigmoid(preds))
    correct = (rounded_preds == y).float()
    return correct.sum() / len(correct)


model = RNN(len(itos), 40, 40, 1, 0.3)
optimizer = optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.BCEWithLogitsLoss()


def train():
    epoch_loss, n = 0, 0
    model.train()
    for text, lengths, label in batches(train_data, 64, True):
        optimizer.zero_grad()
        predictions = model(text, lengths).squeeze(1)
        loss = criterion(predictions, label)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
        n += 1
    return epoch_loss / n


def evaluate():
    model.eval()
    accs = []
    with torch.no_grad():
        for text, lengths, label in batches(valid_data, 872, False):
            accs.append(binary_accuracy(model(text, lengths).squeeze(1), label).item())
    return sum(accs) / len(accs)


for epoch in range(4):
    train_loss = train()
    print(f"Epoch: {epoch+1:02} | Train Loss: {train_loss:.3f} | Val. Acc: {evaluate()*100:.2f}%")
