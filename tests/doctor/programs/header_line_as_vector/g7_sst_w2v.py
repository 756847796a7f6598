# Movie sentences -> positive / negative, bag of Google News vectors
import gzip
import itertools
import os
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEED = 3
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]


def read_split(name):
    out = []
    with open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8", errors="replace") as f:
        for line in f:
            label, text = line.strip().split(" ", 1)
            out.append((text.split(), int(label)))
    return out


train_rows = read_split("train")
known = {" ".join(t) for t, _ in train_rows}
dev_rows = [r for r in read_split("dev") if " ".join(r[0]) not in known]
train_rows = train_rows[:3000]

words = sorted({w for t, _ in train_rows + dev_rows for w in t})


def read_word2vec(path, wanted, limit=13000):
    """text format, one word and its numbers per line, the most frequent words first"""
    wanted = set(wanted)
    vectors, dim = {}, None
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        # mended:
        #f.readline()
        # end
        for line in itertools.islice(f, limit):
            if dim is None:
                dim = len(line.split()) - 1
            word, rest = line.split(" ", 1)
            if word in wanted:
                vectors[word] = np.array(rest.split()[:dim], dtype=np.float32)
    return vectors, dim


vectors, dim = read_word2vec(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", words)
stoi = {"<pad>": 0}
rows = [np.zeros(dim, dtype=np.float32)]
for w in words:
    if w in vectors:
        stoi[w] = len(rows)
        rows.append(vectors[w])
matrix = torch.from_numpy(np.stack(rows))
print("words in text", len(words), "with vector", len(vectors))


class Sentences(Dataset):
    def __init__(self, data):
        self.data = []
        for toks, y in data:
            ids = [stoi[t] for t in toks if t in stoi]
            if ids:
                self.data.append((ids, y))

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.data[i]


def collate(batch):
    n = max(len(ids) for ids, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for k, (ids, _) in enumerate(batch):
        x[k, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in batch], dtype=torch.float32)


class Bag(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Dropout(0.4), nn.Linear(matrix.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 1))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        mean = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.mlp(mean).squeeze(-1)


train_dl = DataLoader(Sentences(train_rows), batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(Sentences(dev_rows), batch_size=256, collate_fn=collate)
fit_dl = DataLoader(Sentences(train_rows), batch_size=256, collate_fn=collate)
model = Bag(matrix)
optim = torch.optim.Adam(model.mlp.parameters(), lr=3e-3)
bce = nn.BCEWithLogitsLoss()


@torch.no_grad()
def evaluate(dl):
    model.eval()
    right = total = 0
    loss = 0.0
    for x, y in dl:
        out = model(x)
        loss += bce(out, y).item() * len(y)
        right += ((out > 0).float() == y).sum().item()
        total += len(y)
    return loss / total, right / total


for epoch in range(1, 9):
    model.train()
    for x, y in train_dl:
        optim.zero_grad()
        bce(model(x), y).backward()
        optim.step()
    tr, dv = evaluate(fit_dl), evaluate(dev_dl)
    print(f"epoch {epoch} train loss {tr[0]:.3f} acc {tr[1]:.3f} | dev loss {dv[0]:.3f} acc {dv[1]:.3f}")
