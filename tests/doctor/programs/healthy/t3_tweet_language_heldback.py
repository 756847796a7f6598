"""Kaggle-style notebook export: which language is this tweet in? character CNN, label smoothing"""
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class Config:
    seed = 99
    langs = ["english", "french", "german", "italian", "portuguese", "spanish"]
    max_chars = 80
    emb_dim = 16
    channels = 32
    batch_size = 64
    lr = 4e-3
    epochs = 4
    smoothing = 0.1


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def read(split, limit):
    rows, seen = [], set()
    for y, lang in enumerate(Config.langs):
        path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/umsab-multilingual", lang, split + "_text.txt")
        with open(path, encoding="utf-8") as f:
            lines = [l.strip().lower() for l in f][:limit]
        for t in lines:
            t = " ".join(w for w in t.split() if not w.startswith(("@", "http", "#")))
            if len(t) > 20 and t not in seen:
                seen.add(t)
                rows.append((t, y))
    return rows


class TweetDataset(Dataset):
    def __init__(self, rows, chars):
        self.rows, self.chars = rows, chars

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, y = self.rows[i]
        ids = [self.chars.get(c, 1) for c in text[:Config.max_chars]]
        ids += [0] * (Config.max_chars - len(ids))
        return torch.tensor(ids), y


class CharCNN(nn.Module):
    def __init__(self, n_chars):
        super().__init__()
        self.emb = nn.Embedding(n_chars, Config.emb_dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(Config.emb_dim, Config.channels, k, padding=k // 2) for k in (3, 5)])
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(Config.channels * 2, len(Config.langs))

    def forward(self, x):
        mask = (x == 0).unsqueeze(1)
        e = self.emb(x).transpose(1, 2)
        pooled = [torch.relu(c(e)).masked_fill(mask, 0).max(2).values for c in self.convs]
        return self.fc(self.dropout(torch.cat(pooled, 1)))


def main():
    seed_everything(Config.seed)
    train_rows, test_rows = read("train", 700), read("test", 200)
    known = {t for t, _ in train_rows}
    test_rows = [r for r in test_rows if r[0] not in known]
    counts = {}
    for t, _ in train_rows:
        for c in t:
            counts[c] = counts.get(c, 0) + 1
    chars = {c: i + 2 for i, c in enumerate(sorted(c for c in counts if counts[c] >= 5))}
    print("train %d test %d characters %d" % (len(train_rows), len(test_rows), len(chars)))
    train_dl = DataLoader(TweetDataset(train_rows, chars), batch_size=Config.batch_size, shuffle=True)
    test_dl = DataLoader(TweetDataset(test_rows, chars), batch_size=300)
    model = CharCNN(len(chars) + 2)
    criterion = nn.CrossEntropyLoss(label_smoothing=Config.smoothing)
    optimizer = torch.optim.AdamW(model.parameters(), lr=Config.lr, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, Config.lr, epochs=Config.epochs, steps_per_epoch=len(train_dl))
    for epoch in range(Config.epochs):
        model.train()
        losses = []
        for x, y in train_dl:
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        model.eval()
        hits = np.zeros(len(Config.langs))
        total = np.zeros(len(Config.langs))
        with torch.no_grad():
            for x, y in test_dl:
                ok = (model(x).argmax(1) == y).numpy()
                np.add.at(hits, y.numpy(), ok)
                np.add.at(total, y.numpy(), 1)
        print("epoch %d loss %.4f test acc %.4f" % (epoch + 1, np.mean(losses), hits.sum() / total.sum()))
    for lang, h, t in zip(Config.langs, hits, total):
        print("  %-12s %.3f (%d)" % (lang, h / t, t))


if __name__ == "__main__":
    main()
