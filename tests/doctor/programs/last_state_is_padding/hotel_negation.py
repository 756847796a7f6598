# Sentiment of hotel reviews with an LSTM
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)

things = "room bed staff breakfast pool view shower location lobby bar garden restaurant".split()
good = "clean comfortable friendly lovely quiet excellent spacious modern".split()
bad = "dirty broken rude noisy awful tiny smelly cold".split()
extra = "we stayed two nights in june|we arrived late|it was our second visit|the hotel is near the station|booked online|we travelled with kids".split("|")

data = {}
while len(data) < 2600:
    positive = random.random() < 0.5
    negated = random.random() < 0.4
    adjective = random.choice(good if positive != negated else bad)
    s = f"the {random.choice(things)} was {'not ' if negated else ''}{adjective}"
    if random.random() < 0.6:
        s = s + " " + random.choice(extra)
    if random.random() < 0.6:
        s = random.choice(extra) + " and " + s
    data[s] = int(positive)
texts, labels = list(data), list(data.values())

vocab = {"<pad>": 0}
for t in texts:
    for w in t.split():
        vocab.setdefault(w, len(vocab))

MAX_LEN = 80
X = np.zeros((len(texts), MAX_LEN), dtype=np.int64)
lengths = np.zeros(len(texts), dtype=np.int64)
for i, t in enumerate(texts):
    ids = [vocab[w] for w in t.split()]
    X[i, : len(ids)] = ids
    lengths[i] = len(ids)
X, lengths, y = torch.from_numpy(X), torch.from_numpy(lengths), torch.tensor(labels).float()
train_loader = DataLoader(TensorDataset(X[:2100], lengths[:2100], y[:2100]), batch_size=50, shuffle=True)
valid_loader = DataLoader(TensorDataset(X[2100:], lengths[2100:], y[2100:]), batch_size=50)


class SentimentRNN(nn.Module):
    def __init__(self, vocab_size, embed=32, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed, padding_idx=0)
        self.lstm = nn.LSTM(embed, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x, lengths):
        embeds = self.embedding(x)
        # fault:
        lstm_out, hidden = self.lstm(embeds)
        last = lstm_out[:, -1]
        # mended:
        # packed = nn.utils.rnn.pack_padded_sequence(embeds, lengths, batch_first=True, enforce_sorted=False)
        # _, (h, _) = self.lstm(packed)
        # last = h[-1]
        # end
        return self.fc(last).squeeze(1)


net = SentimentRNN(len(vocab))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
for e in range(6):
    net.train()
    for xb, nb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(xb, nb), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimizer.step()
    net.eval()
    correct = 0
    with torch.no_grad():
        for xb, nb, yb in valid_loader:
            correct += ((net(xb, nb) > 0).float() == yb).sum().item()
    print(f"Epoch {e + 1}/6 loss {loss.item():.4f} val acc {correct / 500:.3f}")
