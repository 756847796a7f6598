# Genre of a sentence with fixed GloVe vectors, mean and max pooling side by side.
# The vectors stay as they are; there are only a few thousand sentences and tuning them brought nothing.
import gzip, os, random
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

random.seed(3); np.random.seed(3); torch.manual_seed(3)
ROOT = os.environ["WORDFIT_DATA"]

word2id, rows = {"<pad>": 0}, [np.zeros(50, dtype=np.float32)]
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        word2id[parts[0]] = len(rows)
        rows.append(np.array(parts[1:], dtype=np.float32))
glove = torch.from_numpy(np.stack(rows))

def read_genre(name):
    if name == "review":
        return open(f"{ROOT}/sentiment/MR/rt-polarity.neg", encoding="latin-1").read().splitlines()
    if name == "caption":
        return gzip.open(f"{ROOT}/seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8").read().splitlines()[:3000]
    if name == "finance":
        return [l.split("@")[0] for l in open(f"{ROOT}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8")]
    return [l.split("\t")[3] for l in open(f"{ROOT}/glue/CoLA/train.tsv", encoding="utf-8")]


GENRES = ["review", "caption", "finance", "example"]
samples = []
for label, genre in enumerate(GENRES):
    found = set()
    for line in read_genre(genre):
        # letters only: figures and punctuation would give the genre away
        ids = tuple(word2id[w] for w in "".join(c if c.isalpha() else " " for c in line.lower()).split() if w in word2id)
        if len(ids) >= 4:
            found.add(ids)
    samples += [(ids, label) for ids in random.sample(sorted(found), 1100)]
random.shuffle(samples)
dev, train = samples[:1000], samples[1000:]


def collate(chunk):
    T = max(len(ids) for ids, _ in chunk)
    x = torch.zeros(len(chunk), T, dtype=torch.long)
    for i, (ids, _) in enumerate(chunk):
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in chunk])


class PoolNet(nn.Module):
    def __init__(self, vectors, hidden=64):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.norm = nn.BatchNorm1d(100, affine=False)
        self.fc1 = nn.Linear(100, hidden)
        self.fc2 = nn.Linear(hidden, len(GENRES))
        self.drop = nn.Dropout(0.6)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        e = self.emb(x)
        mean = (e * m).sum(1) / m.sum(1)
        top = e.masked_fill(~m, float("-inf")).max(1).values
        h = self.norm(torch.cat([mean, top], 1))
        return self.fc2(self.drop(F.relu(self.fc1(h))))


net = PoolNet(glove)
trainable = [p for p in net.parameters() if p.requires_grad]
print("trainable:", sum(p.numel() for p in trainable), "frozen:", glove.numel())
opt = torch.optim.AdamW(trainable, lr=4e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)


def accuracy(data):
    net.eval()
    hit = 0
    with torch.no_grad():
        for i in range(0, len(data), 500):
            x, y = collate(data[i:i + 500])
            hit += (net(x).argmax(1) == y).sum().item()
    return hit / len(data)


for epoch in range(6):
    net.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 64):
        x, y = collate(train[i:i + 64])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} dev acc {accuracy(dev):.4f}")
print(f"train acc {accuracy(train[:1500]):.4f}")
