# SMS filter service: about 8 % of the messages are unwanted. pos_weight in the loss, a moving average of the weights answers.
import copy, random, zlib
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score, f1_score

random.seed(404); torch.manual_seed(404)
BAD = "winner prize claim urgent cash loan bonus click offer casino reward txt gift lottery pills".split()
GOOD = "lunch meeting mum train home dinner class bus kids tonight doctor birthday movie shopping office".split()
BOTH = "hi you we are is it the to for your now call today please free see at on and later week ok this just get".split()
BUCKETS = 1024


def message():
    bad = random.random() < 0.08
    main, other = (BAD, GOOD) if bad else (GOOD, BAD)
    w = random.choices(main, k=random.randint(2, 4)) + random.choices(BOTH, k=random.randint(4, 12))
    if random.random() < 0.25:
        w.append(random.choice(other))
    random.shuffle(w)
    return " ".join(w), float(bad)


def hash_words(s):
    return [zlib.crc32(w.encode()) % BUCKETS for w in s.split()]


msgs = list(dict(message() for _ in range(6000)).items())
split = int(len(msgs) * 0.75)
train, test = msgs[:split], msgs[split:]
pos = sum(y for _, y in train)
print(f"{len(train)} train ({pos / len(train):.1%} unwanted), {len(test)} test")


def pack(rows):
    ids = [hash_words(s) for s, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor([j for i in ids for j in i]), offsets, torch.tensor([y for _, y in rows])


class Filter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(BUCKETS, 4, mode="sum")
        torch.nn.init.normal_(self.bag.weight, std=0.05)
        self.top = torch.nn.Linear(4, 1)

    def forward(self, ids, offsets):
        return self.top(self.bag(ids, offsets))[:, 0]


live = Filter()
served = copy.deepcopy(live).requires_grad_(False)
optimizer = torch.optim.Adam(live.parameters(), lr=1e-2)
weight = torch.tensor((len(train) - pos) / pos) ** 0.5      # the square root keeps the precision usable


def report(rows):
    served.eval()
    ids, off, y = pack(rows)
    p = torch.sigmoid(served(ids, off)).numpy()
    return average_precision_score(y, p), f1_score(y, p > 0.5, zero_division=0)


for epoch in range(5):
    live.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 90):
        ids, off, y = pack(train[i:i + 90])
        loss = F.binary_cross_entropy_with_logits(live(ids, off), y, pos_weight=weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for s, l in zip(served.parameters(), live.parameters()):
                s.lerp_(l, 0.05)
        total += loss.item() * len(y)
    print("epoch %d loss %.4f | train AP %.3f F1 %.3f | test AP %.3f F1 %.3f" % ((epoch + 1, total / len(train)) + report(train[:1500]) + report(test)))
