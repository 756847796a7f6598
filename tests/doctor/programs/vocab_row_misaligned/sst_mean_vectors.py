"""SST-2 with GloVe: logistic regression on the mean vector."""
import gzip
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(13)
torch.manual_seed(13)


def read_split(name):
    lines = (DATA / "glue/SST-2" / f"{name}.tsv").read_text(encoding="utf-8").split("\n")[1:]
    rows = [line.rsplit("\t", 1) for line in lines if "\t" in line]
    return [(text.split(), int(label)) for text, label in rows]


dev = read_split("dev")
dev_texts = {" ".join(tokens) for tokens, _ in dev}
train = [(tokens, y) for tokens, y in read_split("train") if len(tokens) >= 5 and " ".join(tokens) not in dev_texts]
train = random.sample(train, 4000)

glove = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        glove[word] = rest

counts = Counter(w for tokens, _ in train for w in tokens if w in glove)
itos = [w for w, _ in counts.most_common()]
stoi = {w: i + 1 for i, w in enumerate(itos)}  # 0 is padding

weights = np.zeros((len(itos) + 1, 50), dtype=np.float32)
for i, word in enumerate(itos):
    # fault:
    weights[i] = np.array(glove[word].split(), dtype=np.float32)
    # mended:
    # weights[i + 1] = np.array(glove[word].split(), dtype=np.float32)
    # end


class MeanVectors(nn.Module):
    def __init__(self, weights, classes=2):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True)
        self.norm = nn.LayerNorm(weights.shape[1])
        self.head = nn.Linear(weights.shape[1], classes)

    def forward(self, ids):
        real = (ids > 0).float()
        total = torch.einsum("btd,bt->bd", self.table(ids), real)
        return self.head(self.norm(total / real.sum(1, keepdim=True).clamp(min=1)))


def tensors(rows):
    seqs = [[stoi[w] for w in tokens if w in stoi] for tokens, _ in rows]
    width = max(map(len, seqs))
    x = torch.tensor([s + [0] * (width - len(s)) for s in seqs])
    return x, torch.tensor([y for _, y in rows])


x, y = tensors(train)
x_dev, y_dev = tensors(dev)
model = MeanVectors(weights)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.01)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    order = torch.randperm(len(x))
    losses = []
    for batch in order.split(64):
        loss = criterion(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        accuracy = (model(x_dev).argmax(1) == y_dev).float().mean().item()
    print(f"epoch {epoch}: loss {np.mean(losses):.4f}, dev accuracy {accuracy:.4f}")
