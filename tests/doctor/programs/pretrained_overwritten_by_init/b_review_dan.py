"""Deep averaging network (Iyyer et al. 2015) for short reviews, fixed GloVe inputs."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

DATA = Path(os.environ["WORDFIT_DATA"])
SEED, DIM, BATCH, EPOCHS = 2021, 50, 64, 3
torch.manual_seed(SEED)


class Reviews(Dataset):
    def __init__(self, name, stoi, limit=None):
        self.items = []
        for line in (DATA / "sentiment" / "SST-2-sentences" / f"stsa.binary.{name}").read_text("utf-8").splitlines()[:limit]:
            label, text = line.split(" ", 1)
            ids = [stoi[w] for w in text.split() if w in stoi]
            if ids:
                self.items.append((ids, int(label)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def pad(batch):
    lens = torch.tensor([len(b[0]) for b in batch])
    x = nn.utils.rnn.pad_sequence([torch.tensor(b[0]) for b in batch], batch_first=True, padding_value=0)
    return {"input": x, "length": lens, "target": torch.tensor([b[1] for b in batch])}


def glove():
    stoi, mat = {"[PAD]": 0}, [np.zeros(DIM, "float32")]
    with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for line in f:
            w, *v = line.split(" ")
            stoi[w] = len(mat)
            mat.append(np.array(v, dtype="float32"))
    return stoi, torch.from_numpy(np.vstack(mat))


class DAN(nn.Module):
    def __init__(self, vectors, hidden=64, word_dropout=0.1):
        super().__init__()
        self.embedding = nn.Embedding(*vectors.shape, padding_idx=0)
        self.embedding.weight.data.copy_(vectors)
        self.embedding.weight.requires_grad_(False)
        self.word_dropout = word_dropout
        self.layers = nn.Sequential(nn.LayerNorm(DIM), nn.Linear(DIM, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x, length):
        mask = (x != 0).float()
        if self.training:
            mask = mask * (torch.rand_like(mask) > self.word_dropout).float()
        s = (self.embedding(x) * mask.unsqueeze(-1)).sum(1)
        return self.layers(s / mask.sum(1, keepdim=True).clamp(min=1))


def xavier(model):
    for name, p in model.named_parameters():
        # fault:
        if p.dim() > 1:
        # mended:
        # if p.dim() > 1 and p.requires_grad:
        # end
            nn.init.xavier_uniform_(p)


def evaluate(model, loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for b in loader:
            hit += (model(b["input"], b["length"]).argmax(1) == b["target"]).sum().item()
            n += len(b["target"])
    return hit / n


def main():
    stoi, vectors = glove()
    train = DataLoader(Reviews("train", stoi), BATCH, shuffle=True, collate_fn=pad)
    test = DataLoader(Reviews("test", stoi), 256, collate_fn=pad)
    model = DAN(vectors)
    xavier(model)
    optim = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=2e-3, weight_decay=1e-3)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(EPOCHS):
        model.train()
        total = 0
        for b in train:
            optim.zero_grad()
            loss = loss_fn(model(b["input"], b["length"]), b["target"])
            loss.backward()
            optim.step()
            total += loss.item()
        print(f"[{ep}] loss={total / len(train):.4f} train={evaluate(model, train):.3f} test={evaluate(model, test):.3f}")


main()
