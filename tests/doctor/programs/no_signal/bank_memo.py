"""Categorise bank transactions from their free text (fastText-like: hashed character n-grams in a bag)."""
import csv
import random
import zlib

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
SHOPS = {
    "groceries": ["REWE MARKT", "EDEKA", "LIDL SAGT DANKE", "ALDI SUED", "BIO COMPANY", "WOCHENMARKT"],
    "transport": ["DB VERTRIEB", "BVG TICKET", "SHELL STATION", "ARAL", "FLIXBUS", "UBER TRIP"],
    "rent": ["MIETE WOHNUNG", "HAUSVERWALTUNG KRAUSE", "NEBENKOSTEN", "STADTWERKE ABSCHLAG"],
    "leisure": ["NETFLIX COM", "CINEMAXX", "SPOTIFY AB", "STEAM GAMES", "TICKETMASTER", "FITNESS FIRST"],
    "salary": ["LOHN GEHALT", "BEZUEGE", "GEHALTSZAHLUNG", "REISEKOSTEN ERSTATTUNG"],
}
CATS = list(SHOPS)
CITY = ["BERLIN", "KOELN", "ULM", "BREMEN", "HALLE", "JENA", "TRIER"]


def export(path, n):
    """What the bank's web site gives as CSV."""
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, delimiter=";")
        w.writerow(["date", "reference", "memo", "category"])
        for _ in range(n):
            cat = random.choice(CATS)
            ref = "".join(random.choices("ABCDEFGHKLMNPRSTUVWXYZ0123456789", k=12)) + " " + random.choice(CITY)
            memo = f"{random.choice(SHOPS[cat])} {random.choice(CITY)} {random.randint(1, 9999)}"
            if random.random() < 0.3:
                memo = "KARTENZAHLUNG " + memo
            w.writerow([f"2022-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}", ref, memo, cat])


export("umsatz.csv", 2600)
texts, labels = [], []
with open("umsatz.csv", newline="", encoding="utf-8") as f:
    for row in csv.DictReader(f, delimiter=";"):
        # fault:
        texts.append(row["reference"].lower())
        # mended:
        # texts.append(row["memo"].lower())
        # end
        labels.append(CATS.index(row["category"]))

BUCKETS = 4096


def ngrams(text):
    t = f"<{text}>"
    return [zlib.crc32(t[i:i + k].encode()) % BUCKETS for k in (3, 4) for i in range(len(t) - k + 1)]


bags = [torch.tensor(ngrams(t)) for t in texts]
y = torch.tensor(labels)
order = torch.randperm(len(y)).tolist()
train_ids, test_ids = order[:2200], order[2200:]


def pack(ids):
    lens = torch.tensor([0] + [len(bags[i]) for i in ids[:-1]])
    return torch.cat([bags[i] for i in ids]), lens.cumsum(0), y[ids]


table = nn.EmbeddingBag(BUCKETS, 24, mode="mean")
head = nn.Linear(24, len(CATS))
params = list(table.parameters()) + list(head.parameters())
opt = torch.optim.Adagrad(params, lr=0.1)
for epoch in range(8):
    random.shuffle(train_ids)
    total = 0.0
    for k in range(0, len(train_ids), 20):
        flat, off, gold = pack(train_ids[k:k + 20])
        loss = F.cross_entropy(head(table(flat, off)), gold)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(gold)
    with torch.no_grad():
        flat, off, gold = pack(test_ids)
        acc = (head(table(flat, off)).argmax(1) == gold).float().mean().item()
    print(f"epoch {epoch}: loss {total / len(train_ids):.3f} test accuracy {acc:.3f}")
