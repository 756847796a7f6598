# Deep averaging network on IMDB (blog post code), every 8th review of the official file
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(42)
DATA = os.environ["WORDFIT_DATA"]

glove, itos = [np.zeros(50, np.float32)], ["<pad>"]
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, nums = line.rstrip().split(" ", 1)
        itos.append(w)
        glove.append(np.array(nums.split(" "), dtype=np.float32))
stoi = {w: i for i, w in enumerate(itos)}
MAXLEN = 120


class Reviews(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        label, ids = self.rows[i]
        return torch.tensor(ids), label


def collate(batch):
    x = nn.utils.rnn.pad_sequence([b[0] for b in batch], batch_first=True)
    return x, torch.tensor([b[1] for b in batch], dtype=torch.float)


train_rows, test_rows = [], []
with gzip.open(os.path.join(DATA, "sentiment", "imdb", "train.tsv.gz"), "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n % 8 > 1 or line.startswith("label"):
            continue
        label, rating, _id, text = line.rstrip("\n").split("\t", 3)
        toks = re.findall(r"[a-z]+", text.lower().replace("<br />", " "))
        ids = [stoi[t] for t in toks if t in stoi and stoi[t] > 60][-MAXLEN:]
        (test_rows if n % 40 < 2 else train_rows).append((int(int(rating) > 5), ids or [stoi["movie"]]))
print(len(train_rows), len(test_rows), "positive", np.mean([r[0] for r in train_rows]), np.mean([r[0] for r in test_rows]))

# fault:
train_loader = DataLoader(Reviews(train_rows), batch_size=64, collate_fn=collate)
# mended:
# train_loader = DataLoader(Reviews(train_rows), batch_size=64, collate_fn=collate, shuffle=True)
# end
test_loader = DataLoader(Reviews(test_rows), batch_size=250, collate_fn=collate)


class DAN(nn.Module):
    def __init__(self, table, hidden=32):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(table.size(1), hidden)
        self.dropout = nn.Dropout(0.2)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        avg = self.embed(x).sum(1) / n
        return self.fc2(self.dropout(torch.relu(self.fc1(avg)))).squeeze(1)


table = torch.from_numpy(np.stack(glove))
table = table / table.std()
model = DAN(table)
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-2)
criterion = nn.BCEWithLogitsLoss()


def evaluate(loader):
    model.eval()
    hits = total = pos = 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x) > 0
            hits += (out == y.bool()).sum().item(); pos += out.sum().item(); total += len(y)
    return hits / total, pos / total


for epoch in range(5):
    model.train()
    losses = []
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    acc, share = evaluate(test_loader)
    print(f"Epoch {epoch + 1}: loss {np.mean(losses):.3f}  test acc {acc:.3f}  (called positive: {share:.2f})")
print("train acc %.3f" % evaluate(train_loader)[0])
