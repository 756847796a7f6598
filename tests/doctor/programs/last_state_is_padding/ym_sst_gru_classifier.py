import gzip, os, random
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

random.seed(0)
torch.manual_seed(0)
DATA = os.environ["WORDFIT_DATA"]
MAX_LEN = 48
HIDDEN = 24
EPOCHS = 3


def load_glove():
    stoi, rows = {"<pad>": 0, "<unk>": 1}, [torch.zeros(50), torch.zeros(50)]
    with gzip.open(DATA + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            p = line.rstrip().split(" ")
            stoi[p[0]] = len(rows)
            rows.append(torch.tensor([float(v) for v in p[1:]]))
    w = torch.stack(rows)
    w[1] = w[2:].mean(0)
    return stoi, w


class SST(Dataset):
    def __init__(self, split, stoi):
        self.x, self.n, self.y = [], [], []
        lines = open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8").readlines()
        for line in lines[:5000]:
            ids = [stoi.get(t, 1) for t in line[2:].split()][:MAX_LEN]
            self.n.append(len(ids))
            self.x.append(torch.tensor(ids + [0] * (MAX_LEN - len(ids))))
            self.y.append(int(line[0]))

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.n[i], self.y[i]


class GRUClassifier(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.gru = nn.GRU(weights.size(1), HIDDEN, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(HIDDEN, 2)

    def forward(self, x, lengths):
        out, h = self.gru(self.emb(x))
        # fault:
        last = out[:, -1, :]
        # mended:
        # last = out[torch.arange(len(x)), lengths - 1]
        # end
        return self.fc(self.drop(last))


stoi, weights = load_glove()
train_dl = DataLoader(SST("train", stoi), batch_size=100, shuffle=True)
dev_dl = DataLoader(SST("dev", stoi), batch_size=256)
model = GRUClassifier(weights)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=6e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * len(train_dl))


def accuracy(dl):
    model.eval()
    good = n = 0
    with torch.no_grad():
        for x, l, y in dl:
            good += (model(x, l).argmax(1) == y).sum().item()
            n += len(y)
    return good / n


for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for x, l, y in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(x, l), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    print(f"Epoch {epoch + 1}: train loss {total / len(train_dl):.4f}, dev accuracy {accuracy(dev_dl):.4f}")
