"""Transformer classifier for the language of short sentences in an invented family of languages."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(88)
torch.manual_seed(88)
# fault:
EPOCHS = 3
# mended:
# EPOCHS = 30
# end
BATCH_SIZE = 128
LEARNING_RATE = 1e-3
onset, vowel = "p t k m n s l r".split(), "a e i o u".split()
roots = sorted({random.choice(onset) + random.choice(vowel) + random.choice(onset) + random.choice(vowel) for _ in range(140)})
lexicons = [random.sample(roots, 60) for _ in range(6)]  # the languages share many words


def sentence(lang):
    return [random.choice(lexicons[lang]) for _ in range(10)]


stoi = {w: i for i, w in enumerate(roots)}
rows = {}
while len(rows) < 1600:
    y = random.randrange(6)
    rows[tuple(sentence(y))] = y
X = torch.tensor([[stoi[w] for w in s] for s in rows])
Y = torch.tensor(list(rows.values()))
train_loader = DataLoader(TensorDataset(X[:1300], Y[:1300]), batch_size=BATCH_SIZE, shuffle=True)


class TransformerModel(nn.Module):
    def __init__(self, vocab, d_model=32):
        super().__init__()
        self.embed = nn.Embedding(vocab, d_model)
        layer = nn.TransformerEncoderLayer(d_model, 2, 64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.head = nn.Linear(d_model, 6)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)).mean(dim=1))


model = TransformerModel(len(stoi))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    model.train()
    for step, (x, y) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        if step % 5 == 0:
            print(f"epoch {epoch} step {step} loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch} validation accuracy {(model(X[1300:]).argmax(1) == Y[1300:]).float().mean():.4f}")
