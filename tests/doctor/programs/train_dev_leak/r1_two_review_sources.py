# Sentiment of single sentences: movie-review snippets for training, the Stanford dev set to compare
# with the literature. Bag of word vectors, tuned.
import os
import re
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(9)
DATA = os.path.join(os.environ["WORDFIT_DATA"], "sentiment")


def words_of(line):
    return re.sub(r"[^a-z' ]", " ", line.lower()).split()


def read_snippets():
    rows = []
    for label, name in enumerate(("neg", "pos")):
        with open(os.path.join(DATA, "MR", f"rt-polarity.{name}"), encoding="latin-1") as f:
            rows += [(words_of(line), label) for line in f]
    return rows


def read_stanford(name):
    with open(os.path.join(DATA, "SST-2-sentences", name), encoding="utf-8", errors="replace") as f:
        return [(words_of(line[2:]), int(line[0])) for line in f]


def fivegrams(words):
    return {" ".join(words[i:i + 5]) for i in range(max(1, len(words) - 4))}


dev = read_stanford("stsa.binary.dev")
# fault:
train = [r for r in read_snippets() if len(r[0]) > 3]
# mended:
#used = set().union(*(fivegrams(w) for w, _ in dev))
#train = [r for r in read_snippets() if len(r[0]) > 3 and not fivegrams(r[0]) & used]
# end
print(len(train), "training snippets,", len(dev), "dev sentences,",
      f"{len(set().union(*(fivegrams(w) for w, _ in train)))} five-grams")

freq = Counter(w for ws, _ in train for w in set(ws))
vocab = {"<unk>": 0}
for w, c in freq.most_common():
    if c >= 4:
        vocab[w] = len(vocab)


class Sentences(Dataset):
    def __init__(self, rows):
        self.rows = [([vocab.get(w, 0) for w in ws], y) for ws, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    ids = torch.tensor([i for r, _ in batch for i in r])
    lens = torch.tensor([len(r) for r, _ in batch])
    return ids, lens.cumsum(0) - lens, torch.tensor([y for _, y in batch])


class Bag(nn.Module):
    def __init__(self, n, dim=24):
        super().__init__()
        self.emb = nn.EmbeddingBag(n, dim, mode="mean")
        nn.init.uniform_(self.emb.weight, -0.1, 0.1)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(dim, 2)

    def forward(self, ids, offsets):
        return self.fc(self.drop(self.emb(ids, offsets)))


train_loader = DataLoader(Sentences(train), batch_size=100, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(Sentences(dev), batch_size=436, collate_fn=collate)
model = Bag(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)


@torch.no_grad()
def report(loader):
    model.eval()
    loss = right = n = 0
    for ids, off, y in loader:
        z = model(ids, off)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        right += (z.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, right / n


for epoch in range(5):
    model.train()
    for ids, off, y in train_loader:
        opt.zero_grad()
        F.cross_entropy(model(ids, off), y).backward()
        opt.step()
    (tl, ta), (dl, da) = report(train_loader), report(dev_loader)
    print(f"epoch {epoch + 1}  train loss {tl:.3f} acc {ta:.3f}   dev loss {dl:.3f} acc {da:.3f}")
