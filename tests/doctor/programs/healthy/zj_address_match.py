# Same place or not?  Pairs of depot addresses, shared character-trigram encoder, BCE on the pair features.
import random
import torch
from torch import nn

CFG = {"seed": 19, "buckets": 1500, "dim": 20, "lr": 6e-3, "epochs": 6, "batch_size": 64, "n_places": 1300}
random.seed(CFG["seed"]); torch.manual_seed(CFG["seed"])

A = "ash birch cedar elm fern grove hazel iris jasper king lake mill north oak park queen river stone tulip valley".split()
B = "wood field ford ton ham by gate hill bridge side".split()
KIND = {"street": ["street", "st", "str."], "road": ["road", "rd", "rd."], "avenue": ["avenue", "ave", "av."], "lane": ["lane", "ln"]}
TOWN = "leeds hull derby york bath truro dover crewe luton".split()


def place():
    return random.choice(A) + random.choice(B), random.choice(list(KIND)), random.randint(1, 199), random.choice(TOWN)


def write(p):
    name, kind, no, town = p
    if random.random() < .25:                                  # a typing slip
        i = random.randrange(1, len(name) - 1)
        name = name[:i] + name[i + 1] + name[i] + name[i + 2:]
    kind = random.choice(KIND[kind])
    return random.choice([f"{no} {name} {kind} {town}", f"{name} {kind} {no}, {town}", f"{town.upper()} {name} {kind} {no}"])


def other(p):
    if random.random() < .5:
        return place()
    name, kind, no, town = p                                   # hard case: same town, another street
    return random.choice(A) + random.choice(B), kind, random.randint(1, 199), town


def trigrams(s):
    s = f"##{s.lower()}##"
    out = []
    for i in range(len(s) - 2):
        h = 0
        for c in s[i:i + 3]:
            h = h * 131 + ord(c)
        out.append(h % CFG["buckets"])
    return out


def pairs(places):
    out = []
    for p in places:
        out.append((write(p), write(p), 1.0)); out.append((write(p), write(p), 1.0))
        for _ in range(2):
            q = other(p)
            if q[0] != p[0]:
                out.append((write(p), write(q), 0.0))
    random.shuffle(out)
    return out


class AddressMatcher(nn.Module):
    def __init__(self, buckets, dim):
        super().__init__()
        self.grams = nn.EmbeddingBag(buckets, dim, mode="mean")
        self.head = nn.Sequential(nn.Linear(2 * dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, left, right):
        a, b = self.grams(*left), self.grams(*right)
        return self.head(torch.cat([(a - b).abs(), a * b], dim=-1)).squeeze(-1)


def pack(strings):
    g = [trigrams(s) for s in strings]
    starts = [0]
    for k in g[:-1]:
        starts.append(starts[-1] + len(k))
    return torch.tensor(sum(g, [])), torch.tensor(starts)


def to_batch(rows):
    return pack([r[0] for r in rows]), pack([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        self.model = AddressMatcher(cfg["buckets"], cfg["dim"])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=cfg["lr"])
        self.sched = torch.optim.lr_scheduler.StepLR(self.optimizer, 4, .2)
        self.criterion = nn.BCEWithLogitsLoss()
        self.history = []

    def fit(self, train_places, valid):
        bs = self.cfg["batch_size"]
        for epoch in range(self.cfg["epochs"]):
            train = pairs(train_places)                        # fresh spellings in every epoch
            batches = [to_batch(train[i:i + bs]) for i in range(0, len(train), bs)]
            self.model.train(); total = 0.
            for left, right, y in batches:
                self.optimizer.zero_grad()
                loss = self.criterion(self.model(left, right), y)
                loss.backward()
                self.optimizer.step()
                total += loss.item()
            self.sched.step()
            self.history.append({"epoch": epoch, "loss": round(total / len(batches), 4), **self.evaluate(valid)})
            print(self.history[-1])

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        left, right, y = to_batch(rows)
        out = self.model(left, right)
        return {"bce": round(self.criterion(out, y).item(), 4), "acc": round(((out > 0) == (y > .5)).float().mean().item(), 4)}


places = list({place() for _ in range(CFG["n_places"])})
random.shuffle(places)
cut = int(.8 * len(places))
train, valid = pairs(places[:cut]), pairs(places[cut:])
tr = Trainer(CFG)
tr.fit(places[:cut], valid)
print(len(train), "train", tr.evaluate(train), len(valid), "valid", tr.evaluate(valid))
