"""
Which Romance/Germanic language is this tweet in?  Needed to route holdings of the web archive to the right cataloguer.
One folder per language, hashed character trigrams, averaged, one linear layer.
"""
import os
import re
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(0)

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGUAGES = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 4000


def clean(line):
    line = re.sub(r"@\w+|https?\S*|#\S+", " ", line.lower())
    return re.sub(r"[^\w' ]+|\d+", " ", line)


def trigrams(line):
    s = " " + " ".join(clean(line).split())[:80] + " "
    return [zlib.adler32(s[i:i + 3].encode()) * 2654435761 % 2 ** 32 % BUCKETS for i in range(len(s) - 2)]


class Tweets(Dataset):
    """All tweets of all the folders, folder after folder."""

    def __init__(self, part, per_language):
        self.rows = []
        for number, language in enumerate(LANGUAGES):
            lines = (ROOT / language / f"{part}_text.txt").read_text(encoding="utf-8").split("\n")
            grams = [g for g in map(trigrams, lines) if len(g) >= 15][:per_language]
            self.rows += [(g, number) for g in grams]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def stack(rows):
    lengths = torch.tensor([len(g) for g, _ in rows])
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
    return torch.tensor([b for g, _ in rows for b in g]), offsets, torch.tensor([n for _, n in rows])


class LanguageGuesser(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, width, mode="mean")
        self.language = nn.Linear(width, len(LANGUAGES))

    def forward(self, grams, offsets):
        return self.language(self.grams(grams, offsets))


train_set, test_set = Tweets("train", 1000), Tweets("test", 150)
# fault:
train_loader = DataLoader(train_set, batch_size=32, collate_fn=stack)
# mended:
# train_loader = DataLoader(train_set, batch_size=32, collate_fn=stack, shuffle=True)
# end
test_loader = DataLoader(test_set, batch_size=128, collate_fn=stack)

guesser = LanguageGuesser()
optimiser = torch.optim.Adam(guesser.parameters(), lr=0.02)
objective = nn.CrossEntropyLoss()


def evaluate():
    guesser.eval()
    confusion = torch.zeros(len(LANGUAGES), len(LANGUAGES), dtype=torch.long)
    with torch.no_grad():
        for grams, offsets, y in test_loader:
            for t, p in zip(y, guesser(grams, offsets).argmax(1)):
                confusion[t, p] += 1
    guesser.train()
    return confusion


for epoch in range(3):
    seen = total = 0
    for grams, offsets, y in train_loader:
        optimiser.zero_grad()
        loss = objective(guesser(grams, offsets), y)
        loss.backward()
        optimiser.step()
        total += loss.item() * len(y)
        seen += len(y)
    c = evaluate()
    print(f"epoch {epoch}  loss {total / seen:.3f}  test accuracy {(c.diag().sum() / c.sum()).item():.3f}")

print("rows: true language, columns: guessed")
for language, row in zip(LANGUAGES, c.tolist()):
    print(f"{language:>11}", row)
