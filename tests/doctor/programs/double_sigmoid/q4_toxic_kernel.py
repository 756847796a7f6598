#!/usr/bin/env python
# coding: utf-8

# # Quick GRU baseline: which forum comments need a moderator?
# Forked from my own starter kernel. Three tags at once (multi-label).

# In[1]:
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset
from sklearn.metrics import f1_score, roc_auc_score

SEED = 2019
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

# In[2]:
TAGS = ["insult", "spam", "threat"]
TAG_WORDS = {
    "insult": "idiot moron clown loser stupid dumb pathetic fool".split(),
    "spam": "buy cheap discount viagra casino click subscribe promo".split(),
    "threat": "hurt find destroy beat kill burn regret watch".split(),
}
NEUTRAL = ["filler%03d" % i for i in range(150)]


def make_comment():
    words = random.choices(NEUTRAL, k=random.randint(5, 14))
    y = [0.0] * len(TAGS)
    for i, tag in enumerate(TAGS):
        if random.random() < 0.3:
            y[i] = 1.0
            for w in random.sample(TAG_WORDS[tag], random.randint(1, 2)):
                words.insert(random.randint(0, len(words)), w)
    if random.random() < 0.06:
        y = [1.0 - v if random.random() < 0.3 else v for v in y]
    return " ".join(words), y


comments = {}
while len(comments) < 2600:
    text, target = make_comment()
    comments[text] = target
rows = list(comments.items())
train_rows, valid_rows = rows[:2000], rows[2000:]
print(train_rows[0])

# In[3]:
word_index = {"<pad>": 0, "<unk>": 1}
for text, _ in train_rows:
    for w in text.split():
        word_index.setdefault(w, len(word_index))


class CommentDataset(Dataset):
    def __init__(self, rows):
        self.ids = [[word_index.get(w, 1) for w in t.split()] for t, _ in rows]
        self.targets = np.array([y for _, y in rows], dtype=np.float32)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i], self.targets[i]


def collate(batch):
    width = max(len(x) for x, _ in batch)
    ids = torch.tensor([x + [0] * (width - len(x)) for x, _ in batch])
    return ids, torch.from_numpy(np.stack([y for _, y in batch]))


train_dl = DataLoader(CommentDataset(train_rows), batch_size=64, shuffle=True, collate_fn=collate)
valid_dl = DataLoader(CommentDataset(valid_rows), batch_size=256, collate_fn=collate)


# In[4]:
class GruMax(nn.Module):
    def __init__(self, n_words, emb=32, hid=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, emb, padding_idx=0)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.out = nn.Linear(hid, len(TAGS))

    def forward(self, ids):
        states, _ = self.gru(self.emb(ids))
        states = states.masked_fill((ids == 0).unsqueeze(-1), -1e4)
        pooled = states.max(dim=1).values
        # fault:
        return torch.sigmoid(self.out(pooled))
        # mended:
        #return self.out(pooled)
        # end


model = GruMax(len(word_index))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

# In[5]:
for epoch in range(5):
    model.train()
    running = 0.0
    for ids, y in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(ids), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)

    model.eval()
    scores, truth, vloss = [], [], 0.0
    with torch.no_grad():
        for ids, y in valid_dl:
            out = model(ids)
            vloss += criterion(out, y).item() * len(y)
            scores.append(torch.sigmoid(out))
            truth.append(y)
    scores, truth = torch.cat(scores).numpy(), torch.cat(truth).numpy()
    print("epoch %d  loss %.4f  val_loss %.4f  auc %.4f  f1 %.4f" % (
        epoch, running / len(train_rows), vloss / len(valid_rows),
        roc_auc_score(truth, scores, average="macro"),
        f1_score(truth, scores > 0.5, average="macro", zero_division=0)))
