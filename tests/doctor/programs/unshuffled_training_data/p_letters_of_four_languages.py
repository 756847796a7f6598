"""Czech, German, English or French?  A tiny network on plain letter frequencies of how Multi30k captions begin."""
import gzip
import os
import string
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
folder = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k"
alphabet = string.ascii_lowercase + " "
place = {c: i for i, c in enumerate(alphabet)}


def frequencies(sentence):
    v = np.zeros(len(alphabet), dtype=np.float32)
    for c in sentence.lower().strip()[:36]:
        if c in place:
            v[place[c]] += 1
    return v / max(1.0, v.sum())


def load(split, limit):
    x, y = [], []
    for label, lang in enumerate(("cs", "de", "en", "fr")):
        with gzip.open(folder / f"{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            for k, sentence in enumerate(f):
                if k == limit:
                    break
                x.append(frequencies(sentence))
                y.append(label)
    return torch.from_numpy(np.stack(x)), torch.tensor(y)


x_train, y_train = load("train", 700)
x_val, y_val = load("val", 250)
mean, std = x_train.mean(0), x_train.std(0) + 1e-4
train_set = TensorDataset((x_train - mean) / std, y_train)
x_val = (x_val - mean) / std

# fault:
train_loader = DataLoader(train_set, batch_size=32)
# mended:
# train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
# end

model = torch.nn.Sequential(
    torch.nn.Linear(len(alphabet), 16),
    torch.nn.ReLU(),
    torch.nn.Linear(16, 4),
)
criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.04, momentum=0.9)

for epoch in range(3):
    model.train()
    running = 0.0
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
        val_loss = criterion(logits, y_val).item()
        pred = logits.argmax(1)
    print(f"epoch {epoch + 1}: train {running / len(train_loader):.3f} val {val_loss:.3f} "
          f"acc {(pred == y_val).float().mean():.3f} predicted {torch.bincount(pred, minlength=4).tolist()}")
