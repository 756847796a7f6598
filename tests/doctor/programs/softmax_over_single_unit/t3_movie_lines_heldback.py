# %% [markdown]
# # Movie lines: positive or negative?
# SST-2 phrases, GloVe 50d, mean of words, small MLP on top

# %%
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

config = {
    "seed": 42,
    "max_len": 30,
    "hidden": 48,
    "dropout": 0.3,
    "lr": 2e-3,
    "epochs": 5,
    "batch_size": 128,
    "vectors": "vectors/glove.6B.50d.top10361.txt.gz",
}
DATA = os.environ["WORDFIT_DATA"]
random.seed(config["seed"])
np.random.seed(config["seed"])
torch.manual_seed(config["seed"])

# %%
def read_sst(name, limit=None):
    out = []
    with open(os.path.join(DATA, "glue/SST-2", name + ".tsv"), encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            if len(text.split()) > 3:
                out.append((text.strip(), int(label)))
    random.shuffle(out)
    return out[:limit]


valid_rows = read_sst("dev")
valid_texts = {t for t, _ in valid_rows}
train_rows = [r for r in read_sst("train", 16000) if r[0] not in valid_texts]
print(len(train_rows), "train rows;", sum(y for _, y in train_rows), "positive")
print(train_rows[0])

# %%
word2id = {"<pad>": 0, "<unk>": 1}
vectors = [np.zeros(50, dtype=np.float32), None]
with gzip.open(os.path.join(DATA, config["vectors"]), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        word2id[parts[0]] = len(vectors)
        vectors.append(np.asarray(parts[1:], dtype=np.float32))
vectors[1] = np.mean(vectors[2:], axis=0)
vectors = torch.from_numpy(np.stack(vectors))
print("table", tuple(vectors.shape))


def encode(text):
    ids = [word2id.get(w, 1) for w in text.split()][:config["max_len"]]
    return ids + [0] * (config["max_len"] - len(ids))


def to_tensors(rows):
    return torch.tensor([encode(t) for t, _ in rows]), torch.tensor([[float(y)] for _, y in rows])


X_train, y_train = to_tensors(train_rows)
X_valid, y_valid = to_tensors(valid_rows)


# %%
class ReviewNet(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        self.fc1 = nn.Linear(vectors.size(1), config["hidden"])
        self.fc2 = nn.Linear(config["hidden"], 1)
        self.dropout = nn.Dropout(config["dropout"])
        # fault:
        self.act = nn.Softmax(dim=1)
        # mended:
        #self.act = nn.Sigmoid()
        # end

    def forward(self, x):
        mask = (x != 0).unsqueeze(2)
        e = self.embedding(x)
        avg = (e * mask).sum(1) / mask.sum(1).clamp(min=1)
        h = torch.relu(self.fc1(self.dropout(avg)))
        return self.act(self.fc2(self.dropout(h)))


model = ReviewNet(vectors)
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config["epochs"])


# %%
def accuracy(X, y):
    model.eval()
    with torch.no_grad():
        pred = torch.cat([model(b) for b in X.split(500)])
    return ((pred > 0.5).float() == y).float().mean().item(), criterion(pred, y).item()


for epoch in range(1, config["epochs"] + 1):
    model.train()
    perm = torch.randperm(len(X_train))
    losses = []
    for idx in perm.split(config["batch_size"]):
        out = model(X_train[idx])
        loss = criterion(out, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    va, vl = accuracy(X_valid, y_valid)
    print(f"Epoch {epoch:02d} | loss {np.mean(losses):.4f} | val loss {vl:.4f} | val acc {va:.4f}")

# %%
print("train accuracy %.4f" % accuracy(X_train, y_train)[0])
print("validation accuracy %.4f" % accuracy(X_valid, y_valid)[0])
