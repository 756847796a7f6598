"""Movie review sentences (MR) on GloVe 6B.50d; the vectors are tuned with a smaller rate than the classifier."""
import gzip
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(64)
torch.manual_seed(64)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")


def load_glove():
    words, rows = ["<pad>", "<unk>"], [[0.0] * 50, [0.0] * 50]
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            words.append(w)
            rows.append([float(a) for a in v])
    return {w: i for i, w in enumerate(words)}, torch.tensor(rows)


def load_reviews():
    rows = {}
    for y, n in enumerate(["neg", "pos"]):
        with open(f"{DATA}/sentiment/MR/rt-polarity.{n}", encoding="latin-1") as f:
            for l in f:
                rows.setdefault(" ".join(l.split()), y)
    rows = sorted(rows.items())
    random.shuffle(rows)
    return rows


vocab, glove = load_glove()
rows = load_reviews()
train, dev = rows[1500:], rows[:1500]


def collate(batch):
    seqs = [torch.tensor([vocab.get(w, 1) for w in t.split()]) for t, _ in batch]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in batch])


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.vectors = nn.Embedding.from_pretrained(glove.clone(), padding_idx=0)
        # mended:
        # self.vectors = nn.Embedding.from_pretrained(glove.clone(), padding_idx=0, freeze=False)
        # end
        self.drop = nn.Dropout(0.3)
        self.clf = nn.Linear(50, 2)

    def forward(self, x):
        e = self.vectors(x)
        return self.clf(self.drop(e.sum(1) / (x > 0).sum(1, keepdim=True)))


net = Sentiment()
optim = torch.optim.Adam(
    [
        {"params": net.vectors.parameters(), "lr": 3e-3},
        {"params": net.clf.parameters(), "lr": 1e-2},
    ]
)
print("vectors start from GloVe and are fine-tuned, lr", optim.param_groups[0]["lr"])
for epoch in range(4):
    net.train()
    total = 0
    for x, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optim.step()
        total += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        ok = sum((net(x).argmax(1) == y).sum().item() for x, y in DataLoader(dev, 500, collate_fn=collate))
    print(f"epoch {epoch} loss {total / len(train):.4f} dev acc {ok / len(dev):.4f}")
