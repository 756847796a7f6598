# %% Sentence polarity with GloVe vectors and attention pooling
import gzip
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score
from torch.utils.data import DataLoader, Dataset

DATA = os.environ["WORDFIT_DATA"]


@dataclass(frozen=True)
class CFG:
    train_rows: int = 4500
    max_len: int = 32
    hidden: int = 48
    dropout: float = 0.2
    lr: float = 5e-3
    epochs: int = 6
    batch_size: int = 64
    seed: int = 21


cfg = CFG()
torch.manual_seed(cfg.seed)


# %% data
def read(split):
    rows = []
    with open(os.path.join(DATA, "sentiment", "SST-2-sentences", f"stsa.binary.{split}"), encoding="utf-8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.lower().split()[:cfg.max_len], int(label)))
    return rows


train_rows, dev_rows = read("train"), read("dev")
rng = np.random.default_rng(cfg.seed)
train_rows = [train_rows[i] for i in rng.permutation(len(train_rows))[:cfg.train_rows]]
in_train = {" ".join(words) for words, _ in train_rows}
dev_rows = [row for row in dev_rows if " ".join(row[0]) not in in_train]


# %% vectors
def load_glove(path, wanted):
    words, vectors = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.rstrip().split(" ", 1)
            if word in wanted:
                words.append(word)
                vectors.append(np.array(values.split(), dtype=np.float64))
    return words, np.stack(vectors)


wanted = {w for words, _ in train_rows for w in words}
words, glove = load_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), wanted)
stoi = {w: i + 2 for i, w in enumerate(words)}
table = np.vstack([np.zeros((1, glove.shape[1])), glove.mean(0, keepdims=True), glove])
# fault:
weights = torch.from_numpy(table)
# mended:
#weights = torch.from_numpy(table).float()
# end
print("table", tuple(weights.shape))


# %% batches
class Sentences(Dataset):
    def __init__(self, rows):
        self.rows = [([stoi.get(w, 1) for w in words], label) for words, label in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    return {"ids": torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch]),
            "label": torch.tensor([label for _, label in batch])}


# %% model
class AttentionPool(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(dim, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, x, mask):
        a = self.score(x).squeeze(-1).masked_fill(~mask, float("-inf")).softmax(-1)
        return torch.einsum("bt,btd->bd", a, x)


class Polarity(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.mix = nn.Linear(weights.size(1), cfg.hidden)
        self.pool = AttentionPool(cfg.hidden)
        self.cls = nn.Sequential(nn.Dropout(cfg.dropout), nn.Linear(cfg.hidden, 2))

    def forward(self, ids):
        h = torch.relu(self.mix(self.words(ids)))
        return self.cls(self.pool(h, ids != 0))


model = Polarity(weights)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=0.01)
loader = DataLoader(Sentences(train_rows), cfg.batch_size, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(Sentences(dev_rows), 256, collate_fn=collate)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2 * cfg.lr, epochs=cfg.epochs, steps_per_epoch=len(loader))
criterion = nn.CrossEntropyLoss()


# %% train
def predict(data):
    model.eval()
    gold, pred = [], []
    with torch.no_grad():
        for batch in data:
            pred += model(batch["ids"]).argmax(-1).tolist()
            gold += batch["label"].tolist()
    return gold, pred


for epoch in range(cfg.epochs):
    model.train()
    losses = []
    for batch in loader:
        loss = criterion(model(batch["ids"]), batch["label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} dev acc {accuracy_score(*predict(dev_loader)):.4f}")

# %% result
print(f"train acc {accuracy_score(*predict(loader)):.4f}")
gold, pred = predict(dev_loader)
print(f"dev acc {accuracy_score(gold, pred):.4f} f1 {f1_score(gold, pred):.4f}")
