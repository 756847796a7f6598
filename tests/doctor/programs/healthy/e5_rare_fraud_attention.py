"""Finds the rare fraudulent baskets. One in ten rows is positive; the loss is weighted, the score is balanced."""
import random
from dataclasses import dataclass

import torch
from torch import nn
from sklearn.metrics import balanced_accuracy_score, recall_score

PAD = 0


@dataclass(frozen=True)
class Conf:
    items: int = 120
    risky: int = 12
    baskets: int = 2400
    share: float = 0.1
    dim: int = 10
    epochs: int = 5
    batch: int = 60
    lr: float = 6e-3


class Baskets(torch.utils.data.Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        items, y = self.rows[i]
        return torch.tensor(items), torch.tensor(float(y))


def collate(rows):
    ids = nn.utils.rnn.pad_sequence([x for x, _ in rows], batch_first=True, padding_value=PAD)
    return ids, torch.stack([y for _, y in rows])


def draw(conf, seed):
    rng = random.Random(seed)
    risky = list(range(1, conf.risky + 1))
    normal = list(range(conf.risky + 1, conf.items + 1))
    rows = {}
    while len(rows) < conf.baskets:
        y = rng.random() < conf.share
        basket = rng.choices(normal, k=rng.randint(4, 14))
        if y:
            basket += rng.sample(risky, 2)
        elif rng.random() < 0.08:
            basket += rng.sample(risky, 1)
        rng.shuffle(basket)
        rows[tuple(basket)] = int(y)
    return list(rows.items())


class MaskedAttentionPool(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.query = nn.Parameter(torch.randn(dim) * dim ** -0.5)
        self.key = nn.Linear(dim, dim, bias=False)

    def forward(self, x, mask):
        score = torch.tanh(self.key(x)) @ self.query
        weight = score.masked_fill(~mask, float("-inf")).softmax(dim=1)
        return torch.einsum("bt,btd->bd", weight, x)


class Detector(nn.Module):
    def __init__(self, conf):
        super().__init__()
        self.items = nn.Embedding(conf.items + 1, conf.dim, padding_idx=PAD)
        self.pool = MaskedAttentionPool(conf.dim)
        self.head = nn.Sequential(nn.Linear(conf.dim, 16), nn.GELU(), nn.Dropout(0.2), nn.Linear(16, 1))

    def forward(self, ids):
        return self.head(self.pool(self.items(ids), ids != PAD)).squeeze(1)


def evaluate(model, loader, criterion):
    model.eval()
    z, y = [], []
    with torch.no_grad():
        for ids, t in loader:
            z.append(model(ids))
            y.append(t)
    z, y = torch.cat(z), torch.cat(y)
    pred = (z > 0).long()
    return criterion(z, y).item(), balanced_accuracy_score(y, pred), recall_score(y, pred)


def main():
    conf = Conf()
    torch.manual_seed(44)
    rows = draw(conf, seed=4)
    dev, train = Baskets(rows[:500]), Baskets(rows[500:])
    positives = sum(y for _, y in train.rows)
    criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - positives) / positives))
    loader = torch.utils.data.DataLoader(train, conf.batch, shuffle=True, collate_fn=collate)
    dev_loader = torch.utils.data.DataLoader(dev, 250, collate_fn=collate)
    train_loader = torch.utils.data.DataLoader(train, 250, collate_fn=collate)
    model = Detector(conf)
    opt = torch.optim.Adam(model.parameters(), lr=conf.lr, weight_decay=1e-3)
    for epoch in range(conf.epochs):
        model.train()
        for ids, y in loader:
            loss = criterion(model(ids), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        a, b = evaluate(model, train_loader, criterion), evaluate(model, dev_loader, criterion)
        print("epoch %d  train %.3f  balanced %.3f  recall %.3f  |  dev %.3f  balanced %.3f  recall %.3f" % (epoch + 1, *a, *b))


if __name__ == "__main__":
    main()
