# Character CNN (after Zhang & LeCun tutorials): is the sentence English, French, German or Czech?
import gzip, os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(77)
ALPHABET = "abcdefghijklmnopqrstuvwxyz '"
LANGS = ["en", "fr", "de", "cs"]
LEN = 64
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def quantize(s):
    s = "".join(c if c in ALPHABET else "'" for c in s.lower())[:LEN]
    return [ALPHABET.index(c) + 1 for c in s] + [0] * (LEN - len(s))


def load(split, n):
    X, y = [], []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{base}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            for i, line in zip(range(n), f):
                X.append(quantize(line.strip()))
                y.append(k)
    return TensorDataset(torch.tensor(X), torch.tensor(y))


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv1d(len(ALPHABET), 24, k) for k in (3, 4)])
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(48, len(LANGS))

    def forward(self, x):
        # one-hot characters; the blank (0) becomes a column of zeros
        x = F.one_hot(x, len(ALPHABET) + 1)[:, :, 1:].float().transpose(1, 2)
        x = torch.cat([F.relu(c(x)).amax(2) for c in self.convs], 1)
        return self.fc(self.drop(x))


train, val = load("train", 600), load("val", 150)
train_loader = DataLoader(train, 48, shuffle=True)
val_loader = DataLoader(val, 200)
model = CharCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.3)


def accuracy(loader):
    model.eval()
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    return hits / len(loader.dataset)


for epoch in range(4):
    model.train()
    total = 0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    scheduler.step()
    print(f"{epoch}: loss {total / len(train):.4f}  val acc {accuracy(val_loader):.4f}")
print(f"train acc {accuracy(train_loader):.4f}")
