# TweetEval emotion, baseline for the course project: GloVe-Twitter features + MLP
import os
import gzip
import re
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(123)
D = os.environ["WORDFIT_DATA"]

vectors = {}
with gzip.open(D + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *nums = line.split()
        vectors[word] = np.asarray(nums, dtype=np.float32)


def read(split):
    base = f"{D}/sentiment/tweeteval/emotion/{split}_"
    texts = open(base + "text.txt", encoding="utf-8").read().split("\n")
    labels = [int(l) for l in open(base + "labels.txt").read().split()]
    feats = []
    for t, _ in zip(texts, labels):
        vs = [vectors[w] for w in re.findall(r"[a-z']+", t.lower()) if w in vectors]
        vs = np.stack(vs) if vs else np.zeros((1, 25), dtype=np.float32)
        feats.append(np.concatenate([vs.mean(0), vs.max(0), vs.min(0)]))
    return torch.tensor(np.stack(feats)), torch.tensor(labels)


Xtr, ytr = read("train")
Xte, yte = read("test")
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
print("train", tuple(Xtr.shape), "test", tuple(Xte.shape), "classes", torch.bincount(ytr).tolist())


class EmotionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(75, 64), nn.ReLU(), nn.Dropout(0.6),
            nn.Linear(64, 4))

    def forward(self, x):
        return self.layers(x)


def test(model, loader):
    # fault:
    correct, loss, count = 0, 0.0, 0
    # mended:
    # model.eval()
    # correct, loss, count = 0, 0.0, 0
    # end
    with torch.no_grad():
        for x, y in loader:
            z = model(x)
            loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
            correct += (z.argmax(1) == y).sum().item()
            count += len(y)
    return loss / count, correct / count


model = EmotionNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
train_loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=64, shuffle=True)
test_loader = DataLoader(TensorDataset(Xte, yte), batch_size=256)
for epoch in range(8):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    l, a = test(model, test_loader)
    print(f"epoch {epoch + 1}: test loss {l:.4f} accuracy {a:.4f}")
l, a = test(model, DataLoader(TensorDataset(Xtr, ytr), batch_size=256))
print(f"train loss {l:.4f} accuracy {a:.4f}")
print("three evaluations of the same model:", *["%.4f" % test(model, test_loader)[1] for _ in range(3)])
