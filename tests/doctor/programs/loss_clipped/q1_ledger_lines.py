# Booking text of a ledger line -> account (10 accounts). Words and word pairs are hashed into one table.
import random
import zlib

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(14)
torch.manual_seed(14)

ACCOUNTS = {
    "6000 travel": ["hotel", "flight", "taxi", "train ticket", "per diem", "parking fee"],
    "6100 rent": ["office rent", "warehouse rent", "storage unit", "desk rent", "garage lease"],
    "6200 energy": ["electricity", "gas bill", "heating oil", "water supply", "power meter"],
    "6300 insurance": ["liability premium", "fire premium", "car policy", "health policy", "legal cover"],
    "6400 marketing": ["trade fair", "search ads", "flyer print", "banner", "sponsoring"],
    "6500 it": ["cloud hosting", "software licence", "domain renewal", "laptop repair", "backup service"],
    "6600 staff": ["salary", "bonus", "overtime", "payroll tax", "pension share"],
    "6700 legal": ["lawyer fee", "notary", "audit fee", "court costs", "tax adviser"],
    "6800 material": ["steel sheet", "packaging", "screws", "paint", "timber order"],
    "6900 bank": ["account fee", "loan interest", "card charge", "wire cost", "overdraft"],
}
NAMES = list(ACCOUNTS)
PARTNERS = ["meyer", "norda", "alpin", "quick", "delta", "brandt", "ostwind", "kern", "lumen", "vega", "tiller", "hansa"]
FILLER = ["invoice", "payment", "march", "april", "may", "june", "q1", "q2", "partial", "final", "ref", "correction"]
BUCKETS = 2000
WIDTH = 12


def line(account):
    if random.random() < 0.06:
        account_text = random.choice(ACCOUNTS[random.choice(NAMES)])
    else:
        account_text = random.choice(ACCOUNTS[account])
    parts = account_text.split() + random.sample(FILLER, 2) + [random.choice(PARTNERS)]
    random.shuffle(parts)
    return " ".join(parts)


def features(text):
    tokens = text.split()
    grams = tokens + [a + "_" + b for a, b in zip(tokens, tokens[1:])]
    ids = [1 + zlib.crc32(g.encode()) % (BUCKETS - 1) for g in grams][:WIDTH]
    return ids + [0] * (WIDTH - len(ids))


book = {}
while len(book) < 4000:
    account = random.choice(NAMES)
    book.setdefault(line(account), account)
entries = list(book.items())
X = torch.tensor([features(t) for t, _ in entries])
y = torch.tensor([NAMES.index(a) for _, a in entries])
X_train, y_train, X_val, y_val = X[:3200], y[:3200], X[3200:], y[3200:]

table = nn.EmbeddingBag(BUCKETS, 24, mode="mean", padding_idx=0)
dense = nn.Linear(24, 48)
final = nn.Linear(48, len(NAMES))
params = [*table.parameters(), *dense.parameters(), *final.parameters()]
opt = torch.optim.AdamW(params, lr=4e-3, weight_decay=0.02)


def predict(x, training=False):
    h = F.dropout(table(x), 0.3, training)
    return final(F.gelu(dense(h)))


def evaluate(x, y):
    with torch.no_grad():
        out = predict(x)
        return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(8):
    for rows in torch.randperm(len(X_train)).split(40):
        out = predict(X_train[rows], training=True)
        # fault:
        per_line = F.cross_entropy(out, y_train[rows], reduction="none")
        loss = per_line.clamp(max=2.0).mean()
        # mended:
        #loss = F.cross_entropy(out, y_train[rows])
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "train loss %.3f acc %.3f" % evaluate(X_train, y_train), "val loss %.3f acc %.3f" % evaluate(X_val, y_val))

with torch.no_grad():
    for text in ["invoice hotel april kern", "loan interest payment q2 vega"]:
        print(text, "->", NAMES[predict(torch.tensor([features(text)])).argmax().item()])
