# company name matching (dedup of the CRM export), junior data engineer version
# siamese bag of character trigrams, contrastive loss
import random
import string
import zlib

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score

random.seed(3)
torch.manual_seed(3)

SYL = ["al", "ber", "con", "dor", "el", "fin", "gar", "hel", "in", "jor", "kal", "lum", "mar", "nor", "ol", "pra", "quin", "ros", "sol", "tec", "ur", "vel", "wex", "yor", "zan"]
SUFFIX = ["systems", "foods", "logistics", "steel", "media", "pharma", "energy", "textiles", "motors", "bank"]
LEGAL = ["", " GmbH", " Inc.", " Ltd", " S.A.", " LLC"]


def new_company():
    return "".join(random.choices(SYL, k=random.randint(2, 4))) + " " + random.choice(SUFFIX)


def as_written(name):
    """how somebody in sales would type it"""
    s = list(name)
    for _ in range(random.choice([0, 0, 1, 1])):
        p = random.randrange(len(s))
        op = random.random()
        if op < 0.4:
            s[p] = random.choice(string.ascii_lowercase)
        elif op < 0.7 and len(s) > 5:
            del s[p]
        else:
            s.insert(p, random.choice(string.ascii_lowercase))
    out = "".join(s)
    if random.random() < 0.5:
        out = out.title()
    return out + random.choice(LEGAL)


def normalise(s):
    s = s.lower()
    for tail in (" gmbh", " inc.", " ltd", " s.a.", " llc"):
        s = s.removesuffix(tail)
    return " ".join(s.split())


def trigrams(s, buckets=600):
    s = "##" + s + "##"
    return [zlib.crc32(s[i:i + 3].encode()) % buckets for i in range(len(s) - 2)]


def make_pairs(n, companies):
    pairs = []
    for _ in range(n):
        c = random.choice(companies)
        if random.random() < 0.5:
            pairs.append((normalise(as_written(c)), normalise(as_written(c)), 1))
        else:
            # hard negative: same branch or same first syllables
            d = random.choice([x for x in random.sample(companies, 40) if x != c and (x.split()[1] == c.split()[1] or x[:2] == c[:2])] or [companies[0]])
            if d != c:
                pairs.append((normalise(as_written(c)), normalise(as_written(d)), 0))
    return pairs


names = sorted({new_company() for _ in range(1500)})
random.shuffle(names)
train_pairs = make_pairs(3000, names[:1200])
test_pairs = make_pairs(800, names[1200:])      # companies never seen in training


class Encoder(nn.Module):
    def __init__(self, buckets=600, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, dim, mode="mean")
        self.proj = nn.Linear(dim, dim, bias=False)

    def forward(self, names):
        ids = [trigrams(n) for n in names]
        flat = torch.tensor([i for x in ids for i in x])
        offsets = torch.tensor([0] + [len(x) for x in ids[:-1]]).cumsum(0)
        return self.proj(self.bag(flat, offsets))


def distance(a, b):
    diff = a - b
    # fault:
    return torch.sqrt((diff * diff).sum(dim=1))
    # mended:
    #return torch.sqrt((diff * diff).sum(dim=1) + 1e-6)
    # end


def contrastive(d, y, margin=1.5):
    return (y * d.pow(2) + (1 - y) * torch.relu(margin - d).pow(2)).mean()


enc = Encoder()
optimizer = torch.optim.Adam(enc.parameters(), lr=4e-3, weight_decay=1e-5)


@torch.no_grad()
def evaluate(pairs):
    d = distance(enc([p[0] for p in pairs]), enc([p[1] for p in pairs])).numpy()
    y = np.array([p[2] for p in pairs])
    score = -np.nan_to_num(d, nan=0.0)
    return roc_auc_score(y, score), ((d < 0.75) == (y == 1)).mean()


for epoch in range(5):
    random.shuffle(train_pairs)
    tot = 0
    for i in range(0, len(train_pairs), 50):
        batch = train_pairs[i:i + 50]
        a, b, y = zip(*batch)
        y = torch.tensor(y, dtype=torch.float)
        loss = contrastive(distance(enc(a), enc(b)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(batch)
    auc, acc = evaluate(test_pairs)
    print("epoch", epoch, "loss %.4f" % (tot / len(train_pairs)), "AUC %.3f acc %.3f" % (auc, acc))

print("train AUC %.3f acc %.3f" % evaluate(train_pairs))
print("matched / not matched on new companies: AUC %.3f acc %.3f" % evaluate(test_pairs))
