import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 99
random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]


class SentenceEncoder(nn.Module):
    """max+mean over frozen word vectors, for small data"""

    def __init__(self, vocab_size, dim):
        super().__init__()
        self.word_emb = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.word_emb.weight.requires_grad_(False)
        self.dropout = nn.Dropout(0.3)
        self.linear = nn.Linear(dim, 2)

    def forward(self, ids):
        mask = (ids > 0).unsqueeze(-1)
        e = self.word_emb(ids)
        mean = (e * mask).sum(1) / mask.sum(1)
        return self.linear(self.dropout(mean))


def load_sst(split):
    rows = []
    for line in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        y, text = line.strip().split(" ", 1)
        rows.append((text.split()[:40], int(y)))
    return rows


# a small labelled set, and a big held-out one: this is what the vectors are for
train, test = load_sst("train"), load_sst("dev") + load_sst("test")
random.shuffle(train)
train = train[:1500]

stoi = {"<pad>": 0, "<unk>": 1}
for text, _ in train + test:
    for w in text:
        stoi.setdefault(w, len(stoi))

table = torch.zeros(len(stoi), 300)
with gzip.open(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)
    hits = 0
    for line in f:
        w = line[:line.index(" ")]
        if w in stoi:
            table[stoi[w]] = torch.tensor(list(map(float, line.split(" ")[1:])))
            hits += 1
table = table / table[table.norm(dim=1) > 0].std()
print(f"{hits} of {len(stoi)} words have a vector")

model = SentenceEncoder(len(stoi), 300)
# fault:
model.load_state_dict({"embedding.weight": table}, strict=False)
# mended:
# model.load_state_dict({"word_emb.weight": table}, strict=False)
# end
optimizer = torch.optim.Adam(model.linear.parameters(), lr=2e-3, weight_decay=1e-3)


def encode(rows):
    n = max(len(t) for t, _ in rows)
    ids = torch.tensor([[stoi[w] for w in t] + [0] * (n - len(t)) for t, _ in rows])
    return ids, torch.tensor([y for _, y in rows])


def evaluate(rows):
    model.eval()
    right = 0
    with torch.no_grad():
        for i in range(0, len(rows), 256):
            x, y = encode(rows[i:i + 256])
            right += (model(x).argmax(1) == y).sum().item()
    return right / len(rows)


for epoch in range(1, 7):
    model.train()
    random.shuffle(train)
    epoch_loss = 0
    for i in range(0, len(train), 25):
        x, y = encode(train[i:i + 25])
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(y) / len(train)
    print(f"epoch {epoch} loss {epoch_loss:.4f} train {evaluate(train):.4f} test {evaluate(test):.4f}")
