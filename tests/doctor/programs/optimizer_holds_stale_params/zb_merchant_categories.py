"""Merchant descriptor -> spend category. Starts from the schema of last month's release and adapts it."""
import logging
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(message)s")
log = logging.getLogger("merchant")

CONFIG = {
    "model": {"buckets": 512, "dim": 12, "hidden": 24},
    "train": {"lr": 0.01, "epochs": 6, "batch_size": 64},
    "seed": 8,
}
BRANDS = {
    "grocery": ["freshmart", "greenleaf", "dailybasket", "farmgate", "cornershop", "oliveandco"],
    "fuel": ["petrogo", "fuelstop", "ecogas", "roadpump", "quickoil"],
    "travel": ["skywings", "railnord", "hotelplaza", "citycab", "harborinn", "busline"],
    "games": ["pixelplay", "gamehub", "lootbox", "arcadia", "questzone"],
    "health": ["pharmaone", "medicare", "dentaplus", "vitalab", "opticview"],
    "utilities": ["aquaworks", "gridpower", "netfiber", "heatnord", "wastepro"],
    "charity": ["redhelp", "hopefund", "savepaws", "oceanaid", "foodbank"],
}
NOISE = ["pos", "visa", "gmbh", "ltd", "inc", "payment", "ref", "online", "nyc", "berlin", "london"]


def descriptor(rng, label):
    b = rng.choice(BRANDS[label])
    if rng.random() < 0.3:
        b = b[: rng.randint(5, len(b))]
    parts = [b] + rng.sample(NOISE, rng.randint(1, 3)) + [str(rng.randint(10, 9999))]
    rng.shuffle(parts)
    return " ".join(parts)


def ngrams(text, buckets):
    ids = []
    for w in text.split():
        w = "<" + w + ">"
        for i in range(len(w) - 2):
            h = 7
            for c in w[i:i + 3]:
                h = (h * 31 + ord(c)) % 1000003
            ids.append(h % buckets)
    return ids


class CategoryModel(nn.Module):
    def __init__(self, n_labels, buckets, dim, hidden):
        super().__init__()
        self.emb = nn.EmbeddingBag(buckets, dim, mode="mean")
        self.fc = nn.Linear(dim, hidden)
        self.head = nn.Linear(hidden, n_labels)

    def grow(self, buckets, n_labels):
        """More hash buckets and labels than the last release; the old rows are kept."""
        old_emb, old_head = self.emb, self.head
        self.emb = nn.EmbeddingBag(buckets, old_emb.embedding_dim, mode="mean")
        self.head = nn.Linear(old_head.in_features, n_labels)
        with torch.no_grad():
            self.emb.weight[: old_emb.num_embeddings] = old_emb.weight
            self.head.weight[: old_head.out_features] = old_head.weight

    def forward(self, ids, offsets):
        return self.head(torch.relu(self.fc(self.emb(ids, offsets))))


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"])

    def step(self, batch):
        ids, offsets, y = batch
        loss = F.cross_entropy(self.model(ids, offsets), y)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return loss.item()

    def evaluate(self, batch):
        ids, offsets, y = batch
        with torch.no_grad():
            return (self.model(ids, offsets).argmax(1) == y).float().mean().item()


def to_batch(rows):
    flat, offs = [], []
    for ids, _ in rows:
        offs.append(len(flat))
        flat += ids
    return torch.tensor(flat), torch.tensor(offs), torch.tensor([y for _, y in rows])


def main(cfg):
    rng = random.Random(cfg["seed"])
    torch.manual_seed(cfg["seed"])
    labels = list(BRANDS)
    model = CategoryModel(n_labels=5, **cfg["model"])
    buckets = 2048
    # fault:
    trainer = Trainer(model, cfg["train"])
    model.grow(buckets, len(labels))
    # mended:
    # model.grow(buckets, len(labels))
    # trainer = Trainer(model, cfg["train"])
    # end
    texts = sorted({(descriptor(rng, l), i) for _ in range(270) for i, l in enumerate(labels)})
    rng.shuffle(texts)
    rows = [(ngrams(t, buckets), y) for t, y in texts]
    dev, train = to_batch(rows[:300]), rows[300:]
    bs = cfg["train"]["batch_size"]
    for epoch in range(cfg["train"]["epochs"]):
        rng.shuffle(train)
        losses = [trainer.step(to_batch(train[i:i + bs])) for i in range(0, len(train), bs)]
        log.info("epoch=%d loss=%.3f dev_acc=%.3f", epoch, sum(losses) / len(losses), trainer.evaluate(dev))


if __name__ == "__main__":
    main(CONFIG)
