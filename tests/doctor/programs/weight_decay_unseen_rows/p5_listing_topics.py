"""Topic of a marketplace listing from its title. Small labelled set, open vocabulary.

GloVe rows are tuned a little with the classifier; titles of next season carry other words.
"""
import gzip
import os
import random

import torch
from torch import nn
import torch.nn.functional as F

SEEDS = {
    "food": ["bread", "cheese", "soup", "chicken", "fruit"],
    "clothing": ["shirt", "pants", "dress", "jacket", "shoes"],
    "music": ["guitar", "piano", "drums", "orchestra", "songs"],
    "vehicles": ["car", "truck", "bike", "vehicle", "engine"],
    "computing": ["software", "computers", "computer", "pc", "server"],
    "health": ["medicine", "patients", "drug", "treatment", "disease"],
}
NOISE = "new used two with for the and best good old set pair quality sale full small big free".split()
CFG = dict(dim=50, per_topic=70, n_train=1400, n_test=500, batch=28, epochs=10, lr=4e-3, decay=1e-3, seed=9)


class Vectors:
    def __init__(self, file_name):
        path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", file_name)
        self.words, data = [], []
        with gzip.open(path, "rt", encoding="utf-8") as fh:
            for line in fh:
                head, *tail = line.rstrip("\n").split(" ")
                self.words.append(head)
                data.append([float(v) for v in tail])
        self.table = torch.tensor(data)
        self.row = {w: i for i, w in enumerate(self.words)}

    def neighbours(self, seeds, k):
        unit = F.normalize(self.table - self.table.mean(0), dim=1)
        centre = F.normalize(unit[[self.row[s] for s in seeds]].mean(0), dim=0)
        return [self.words[i] for i in (unit @ centre).topk(k).indices.tolist()]


def topic_words(vec, cfg, rng):
    """Each word belongs to one topic only; half of each topic turns up this season."""
    taken, now, later = set(), {}, {}
    for topic, seeds in SEEDS.items():
        words = [w for w in vec.neighbours(seeds, cfg["per_topic"]) if w not in taken and w not in NOISE]
        taken.update(words)
        rng.shuffle(words)
        now[topic], later[topic] = words[::2], words[1::2]
    return now, later


def titles(groups, n, rng):
    names = list(SEEDS)
    made = {}
    while len(made) < n:
        y = rng.randrange(len(names))
        words = rng.sample(groups[names[y]], rng.randint(1, 3)) + rng.sample(NOISE, rng.randint(2, 5))
        rng.shuffle(words)
        made.setdefault(tuple(words), y)
    return list(made.items())


class TopicNet(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table.clone(), mode="mean", freeze=False)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(table.shape[1], n_out)

    def forward(self, flat, offsets):
        return self.out(self.drop(self.bag(flat, offsets)))


def collate(rows, index):
    flat, offsets = [], []
    for words, _ in rows:
        offsets.append(len(flat))
        flat.extend(index[w] for w in words)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


def score(model, data):
    model.eval()
    with torch.no_grad():
        logits = model(data[0], data[1])
    return F.cross_entropy(logits, data[2]).item(), (logits.argmax(1) == data[2]).float().mean().item()


def main(cfg):
    rng = random.Random(cfg["seed"])
    torch.manual_seed(cfg["seed"])
    vec = Vectors("glove.6B.50d.top10361.txt.gz")
    now, later = topic_words(vec, cfg, rng)
    train, test = titles(now, cfg["n_train"], rng), titles(later, cfg["n_test"], rng)
    lexicon = sorted({w for words, _ in train + test for w in words})
    index = {w: i for i, w in enumerate(lexicon)}
    table = vec.table[[vec.row[w] for w in lexicon]]
    model = TopicNet(table, len(SEEDS))
    # fault:
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg["lr"], weight_decay=cfg["decay"])
    # mended:
    #optimizer = torch.optim.Adam([
    #    {"params": model.bag.parameters(), "weight_decay": 0.0},
    #    {"params": model.out.parameters(), "weight_decay": cfg["decay"]},
    #], lr=cfg["lr"])
    # end
    test_data, train_data = collate(test, index), collate(train, index)
    for epoch in range(cfg["epochs"]):
        model.train()
        rng.shuffle(train)
        for s in range(0, len(train), cfg["batch"]):
            flat, offsets, y = collate(train[s:s + cfg["batch"]], index)
            loss = F.cross_entropy(model(flat, offsets), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        tr, te = score(model, train_data), score(model, test_data)
        print("epoch %2d  train %.3f / %.3f   next season %.3f / %.3f" % (epoch, *tr, *te))
    print("topics", len(SEEDS), "lexicon", len(lexicon), "final accuracy", round(te[1], 3))


if __name__ == "__main__":
    main(CFG)
