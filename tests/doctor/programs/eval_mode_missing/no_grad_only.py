"""Route questions of a bank's customers to one of 20 teams."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(8)
torch.manual_seed(8)
TEAMS = 20
vocab = ["<pad>"] + [f"w{i}" for i in range(400)]
own = {t: random.sample(vocab[1:], 10) for t in range(TEAMS)}


def build(n, known):
    xs, ys = [], []
    while len(xs) < n:
        t = random.randrange(TEAMS)
        words = random.sample(own[t], 4) + random.choices(vocab[1:], k=4)
        random.shuffle(words)
        if tuple(words) in known:
            continue
        known.add(tuple(words))
        xs.append([vocab.index(w) for w in words])
        ys.append(t)
    return TensorDataset(torch.tensor(xs), torch.tensor(ys))


class Router(nn.Module):
    def __init__(self, dropout=0.5):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab), 64, padding_idx=0)
        self.drop = nn.Dropout(dropout)
        self.hidden = nn.Linear(64, 96)
        self.out = nn.Linear(96, TEAMS)

    def forward(self, x):
        h = self.drop(self.embedding(x)).mean(1)
        h = self.drop(torch.relu(self.hidden(self.drop(h))))
        return self.out(h)


class Trainer:
    def __init__(self, model, train_set, val_set, lr=3e-3):
        self.model = model
        self.train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
        self.val_loader = DataLoader(val_set, batch_size=128)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for x, y in self.train_loader:
            loss = self.criterion(self.model(x), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(self.train_loader)

    def evaluate(self):
        # fault:
        # mended:
        # self.model.eval()
        # end
        correct = count = 0
        with torch.no_grad():
            for x, y in self.val_loader:
                correct += (self.model(x).argmax(1) == y).sum().item()
                count += len(y)
        return correct / count

    def fit(self, epochs):
        for epoch in range(epochs):
            loss = self.train_epoch()
            print(f"epoch {epoch + 1}: train loss {loss:.3f}, val accuracy {self.evaluate():.3f}")


known = set()
Trainer(Router(), build(2400, known), build(500, known)).fit(14)
