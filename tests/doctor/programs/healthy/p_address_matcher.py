import logging
import random
import sys
from dataclasses import dataclass
from types import SimpleNamespace

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
log = logging.getLogger("matcher")

A = "oak elm cedar maple birch walnut chestnut poplar linden hazel willow aspen juniper laurel magnolia sycamore".split()
B = "hill park grove field brook bridge gate wood mill lake ridge view".split()
KIND = {"street": "st", "avenue": "ave", "road": "rd", "boulevard": "blvd", "lane": "ln"}
CITY = "springfield riverside franklin greenville bristol clinton fairview salem madison georgetown arlington ashland".split()

def make_address(rng):
    return [str(rng.randint(1, 299)), rng.choice(A), rng.choice(B), rng.choice(list(KIND)), rng.choice(CITY)]

def surface(addr, rng):
    num, a, b, kind, city = addr
    if rng.random() < .5: kind = KIND[kind]
    name = a + b if rng.random() < .4 else f"{a} {b}"
    text = f"{num} {name} {kind} {city}" if rng.random() < .6 else f"{city}, {name} {kind} {num}"
    if rng.random() < .3:
        i = rng.randrange(len(text)); text = text[:i] + text[i + 1:]
    return text

def make_pairs(n, rng):
    rows = []
    for i in range(n):
        one = make_address(rng)
        two = list(one)
        if i % 2:
            new = make_address(rng)
            for k in rng.sample([1, 2, 4], 2): two[k] = new[k]
        rows.append((surface(one, rng), surface(two, rng), float(two == one)))
    rng.shuffle(rows)
    return rows
class PairDataset(Dataset):
    def __init__(self, rows, buckets): self.rows, self.buckets = rows, buckets
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]

    def ids(self, text):
        text = f"<{text}>"
        return [sum(ord(c) * m for c, m in zip(text[i:i + 3], (1, 131, 17161))) % self.buckets for i in range(len(text) - 2)]

    def collate(self, batch):
        out = {}
        for side, name in enumerate(("left", "right")):
            bags = [self.ids(r[side]) for r in batch]
            out[name] = torch.tensor([t for bag in bags for t in bag])
            out[name + "_offsets"] = torch.tensor([0] + [len(bag) for bag in bags[:-1]]).cumsum(0)
        out["label"] = torch.tensor([r[2] for r in batch])
        return out
class Matcher(nn.Module):
    def __init__(self, buckets, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, dim, mode="mean")
        self.head = nn.Sequential(nn.Linear(2 * dim, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, left, left_offsets, right, right_offsets):
        u, v = self.bag(left, left_offsets), self.bag(right, right_offsets)
        return self.head(torch.cat([(u - v).abs(), u * v], -1)).squeeze(-1)
@dataclass
class Trainer:
    model: nn.Module
    train_set: PairDataset
    probe_set: PairDataset
    dev_set: PairDataset
    args: SimpleNamespace

    def __post_init__(self):
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.args.lr)
        self.loss_fn = nn.BCEWithLogitsLoss()

    def fit(self):
        loader = DataLoader(self.train_set, self.args.batch_size, shuffle=True, collate_fn=self.train_set.collate)
        for epoch in range(self.args.epochs):
            self.model.train()
            running = 0.0
            for batch in loader:
                label = batch.pop("label")
                loss = self.loss_fn(self.model(**batch), label)
                self.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                self.optimizer.step()
                running += loss.item()
            log.info("epoch=%d loss=%.4f train_acc=%.4f dev_acc=%.4f", epoch, running / len(loader), self.score(self.probe_set), self.score(self.dev_set))

    @torch.no_grad()
    def score(self, data):
        self.model.eval()
        right = 0
        for batch in DataLoader(data, 256, collate_fn=data.collate):
            label = batch.pop("label")
            right += ((self.model(**batch) > 0).float() == label).sum().item()
        return right / len(data)

if __name__ == "__main__":
    args = SimpleNamespace(epochs=4, batch_size=64, lr=5e-3, buckets=3000)
    torch.manual_seed(0)
    rng = random.Random(0)
    rows = make_pairs(5600, rng)
    trainer = Trainer(Matcher(args.buckets, 48), PairDataset(rows[:5000], args.buckets), PairDataset(rows[:600], args.buckets),
                      PairDataset(rows[5000:], args.buckets), args)
    trainer.fit()
