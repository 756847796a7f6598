# Routes a piece of text to the pipeline that should handle it: which of five collections does it come from?
import csv
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(2024)
rng = np.random.default_rng(2024)
ROOT = Path(os.environ["WORDFIT_DATA"])
PER_SOURCE = 950
NAMES = ["captions", "finance", "movies", "grammar", "questions"]


def tsv(path, column):
    with open(path, encoding="utf-8", newline="") as f:
        return [r[column] for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if len(r) > column]


def collections():
    yield tsv(ROOT / "glue/SNLI/dev_subset1000.tsv", 1)[1:]
    yield [l.rpartition("@")[0] for l in open(ROOT / "sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8")]
    yield (ROOT / "sentiment/MR/rt-polarity.pos").read_text(encoding="latin-1").split("\n")
    yield tsv(ROOT / "glue/CoLA/train.tsv", 3)
    yield tsv(ROOT / "glue/QQP/train_subset8999.tsv", 1)[1:]


def words(text):
    return "".join(ch if ch.isalnum() else " " for ch in text.lower()).split()[:30]


samples = []
for label, texts in enumerate(collections()):
    unique = sorted({" ".join(words(t)) for t in texts if len(words(t)) >= 4})
    for k in rng.permutation(len(unique))[:PER_SOURCE]:
        samples.append((unique[k].split(), label))
samples = [samples[k] for k in rng.permutation(len(samples))]
train, test = samples[:3700], samples[3700:]
freq = {}
for ws, _ in train:
    for w in ws:
        freq[w] = freq.get(w, 0) + 1
vocab = {w: i for i, w in enumerate((w for w, c in freq.items() if c >= 2), start=1)}


class Texts(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        ws, label = self.rows[i]
        ids = [vocab.get(w, 0) for w in ws]
        return ids, label


def collate(items):
    flat = torch.tensor([i for ids, _ in items for i in ids])
    starts = torch.tensor(np.cumsum([0] + [len(ids) for ids, _ in items[:-1]]))
    return flat, starts, torch.tensor([y for _, y in items])


class Router(nn.Module):
    def __init__(self, n_words, n_out, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.hidden = nn.Linear(dim, 32)
        self.out = nn.Linear(32, n_out)

    def forward(self, flat, starts):
        return self.out(torch.relu(self.hidden(self.drop(self.bag(flat, starts)))))


# fault:
net = Router(len(vocab) + 1, 1)
criterion = nn.MSELoss()
# mended:
# net = Router(len(vocab) + 1, len(NAMES))
# criterion = nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=2e-4)
loader = DataLoader(Texts(train), batch_size=50, shuffle=True, collate_fn=collate)
tests = DataLoader(Texts(test), batch_size=200, collate_fn=collate)

for epoch in range(5):
    net.train()
    running = 0.0
    for flat, starts, y in loader:
        # fault:
        loss = criterion(net(flat, starts).squeeze(1), y.float())
        # mended:
        # loss = criterion(net(flat, starts), y)
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    net.eval()
    guesses, golds = [], []
    with torch.no_grad():
        for flat, starts, y in tests:
            # fault:
            guesses.append(net(flat, starts).squeeze(1).round().clamp(0, len(NAMES) - 1).long())
            # mended:
            # guesses.append(net(flat, starts).argmax(1))
            # end
            golds.append(y)
    guess, gold = torch.cat(guesses), torch.cat(golds)
    print(f"epoch {epoch} loss {running / len(loader):.4f} test accuracy {(guess == gold).float().mean():.4f}")
for k, name in enumerate(NAMES):
    print(f"  {name:<10} recall {(guess[gold == k] == k).float().mean():.3f}")
