"""Is it a question?  Tatoeba English without its last punctuation mark, a small character-free CNN over words."""
import gzip
import os
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

SEED = 8
random.seed(SEED)
torch.manual_seed(SEED)
MAX_TOKENS = 12
EPOCHS = 4
BATCH_SIZE = 32
# fault:
LEARNING_RATE = 2e-5
# mended:
# LEARNING_RATE = 2e-3
# end


def get_sentences(n_each):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
    ask, say = {}, {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            s = line.split("\t")[0].lower().strip()
            body = s.rstrip("?!. ")
            if 4 <= len(body.split()) <= MAX_TOKENS:
                (ask if s.endswith("?") else say)[body] = 1
    both = set(ask) & set(say)
    ask = [b for b in ask if b not in both]
    say = [b for b in say if b not in both]
    rows = [(s, 1) for s in random.sample(ask, n_each)] + [(s, 0) for s in random.sample(say, n_each)]
    random.shuffle(rows)
    return rows


rows = get_sentences(1900)
train_rows, dev_rows = rows[:3200], rows[3200:]
counts = Counter(w for s, _ in train_rows for w in s.replace("'", " '").split())
vocab = {w: i + 2 for i, (w, c) in enumerate(counts.most_common()) if c > 1}


def vectorize(rows):
    x = torch.zeros(len(rows), MAX_TOKENS + 4, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        for j, w in enumerate(s.replace("'", " '").split()[:MAX_TOKENS + 4]):
            x[i, j] = vocab.get(w, 1)
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


class QuestionNet(nn.Module):
    def __init__(self, size, dim=32, filters=32):
        super().__init__()
        self.embed = nn.Embedding(size, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, filters, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(filters, 2)

    def forward(self, x):
        mask = (x != 0).unsqueeze(1)
        h = self.conv(self.dropout(self.embed(x)).transpose(1, 2)).relu() * mask
        return self.fc(h.amax(dim=2))


train_dl = DataLoader(vectorize(train_rows), batch_size=BATCH_SIZE, shuffle=True)
dev_dl = DataLoader(vectorize(dev_rows), batch_size=200)
net = QuestionNet(max(vocab.values()) + 1)
optimizer = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=EPOCHS * len(train_dl))


def accuracy(dl):
    net.eval()
    with torch.no_grad():
        return sum((net(x).argmax(1) == y).sum().item() for x, y in dl) / len(dl.dataset)


for epoch in range(EPOCHS):
    net.train()
    running = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        running += loss.item()
    print(f"Epoch {epoch + 1}: train loss {running / len(train_dl):.4f}, dev accuracy {accuracy(dev_dl):.4f}")
print(f"Final train accuracy {accuracy(train_dl):.4f}, dev accuracy {accuracy(dev_dl):.4f}")
