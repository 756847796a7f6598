# Sentiment of movie review sentences on top of fixed Google News vectors.
import argparse, gzip, os
import numpy as np
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.environ.get("WORDFIT_DATA", "data"))
parser.add_argument("--hidden", type=int, default=32)
parser.add_argument("--dropout", type=float, default=0.4)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--batch-size", type=int, default=128)
parser.add_argument("--seed", type=int, default=11)
args = parser.parse_args()
np.random.seed(args.seed)
torch.manual_seed(args.seed)


def read(name):
    xs, ys = [], []
    with open(os.path.join(args.data, "sentiment/SST-2-sentences", name), encoding="utf-8") as fh:
        for line in fh:
            label, text = line.rstrip("\n").split(" ", 1)
            ys.append(int(label))
            xs.append(text.split())
    return xs, ys


train_x, train_y = read("stsa.binary.train")
dev_x, dev_y = read("stsa.binary.dev")
needed = {w for s in train_x + dev_x for w in s}

vectors = {}
with gzip.open(os.path.join(args.data, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), "rt", encoding="utf-8") as fh:
    n, dim = map(int, fh.readline().split())
    for line in fh:
        word, rest = line.split(" ", 1)
        if word in needed and word not in vectors:
            vectors[word] = np.fromstring(rest, dtype=np.float32, sep=" ")
words = sorted(vectors)
stoi = {w: i + 1 for i, w in enumerate(words)}           # 0 is padding
table = np.zeros((len(words) + 1, dim), dtype=np.float32)
table[1:] = np.stack([vectors[w] for w in words])
cov = np.mean([w in stoi for s in train_x for w in s])
print(f"{len(words)} vectors of width {dim}, token coverage {cov:.1%}")


def to_tensor(sents):
    # words without a vector are left out
    ids = [[stoi[w] for w in s if w in stoi] for s in sents]
    longest = max(map(len, ids))
    x = torch.zeros(len(ids), longest, dtype=torch.long)
    for i, row in enumerate(ids):
        x[i, :len(row)] = torch.tensor(row)
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Dropout(args.dropout), nn.Linear(dim, args.hidden), nn.ReLU(),
                                 nn.Dropout(args.dropout), nn.Linear(args.hidden, 1))

    def forward(self, x):
        count = (x != 0).sum(1, keepdim=True).clamp(min=1)
        mean = self.emb(x).sum(1) / count
        return self.net(mean * 3).squeeze(1)


Xtr, Xdev = to_tensor(train_x), to_tensor(dev_x)
Ytr, Ydev = torch.tensor(train_y).float(), torch.tensor(dev_y).float()
model = Net()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr)
criterion = nn.BCEWithLogitsLoss()


def score(X, Y):
    model.eval()
    with torch.no_grad():
        out = model(X)
    return ((out > 0).float() == Y).float().mean().item(), criterion(out, Y).item()


for epoch in range(args.epochs):
    model.train()
    perm = torch.randperm(len(Xtr))
    running = 0.0
    for k in range(0, len(perm), args.batch_size):
        idx = perm[k:k + args.batch_size]
        optimizer.zero_grad()
        loss = criterion(model(Xtr[idx]), Ytr[idx])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    acc, dl = score(Xdev, Ydev)
    print(f"epoch {epoch} train loss {running / len(perm):.4f} dev loss {dl:.4f} dev acc {acc:.4f}")
print("accuracy on the training rows %.4f" % score(Xtr, Ytr)[0])
