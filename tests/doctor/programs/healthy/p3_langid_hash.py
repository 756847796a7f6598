# tweet language identification, hashed character n-grams, no vocabulary at all (homework 4, bonus part)
import os, re, zlib, random
import torch
import torch.nn as nn

random.seed(99)
torch.manual_seed(99)
folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 20011
PER_LANG = 500


def read(lang, split):
    p = os.path.join(folder, lang, split + "_text.txt")
    return [re.sub(r"@user|http\S*|[#@]", " ", l.lower()).strip() for l in open(p, encoding="utf-8")]


def grams(text):
    text = "<" + re.sub(r"\s+", "_", text)[:80] + ">"
    ids = []
    for n in (1, 2, 3):
        for i in range(len(text) - n + 1):
            ids.append(zlib.crc32(text[i:i + n].encode("utf-8")) % BUCKETS)
    return ids


train, test, seen = [], [], set()
for k, lang in enumerate(LANGS):
    for t in read(lang, "train")[:PER_LANG]:
        seen.add(t)
        train.append((grams(t), k))
for k, lang in enumerate(LANGS):
    for t in read(lang, "test")[:200]:
        if t not in seen:
            test.append((grams(t), k))
print(len(train), len(test))


def flat(batch):
    # EmbeddingBag wants one long vector and the offsets
    ids, offs = [], []
    for g, _ in batch:
        offs.append(len(ids))
        ids.extend(g)
    return torch.tensor(ids), torch.tensor(offs), torch.tensor([k for _, k in batch])


bag = nn.EmbeddingBag(BUCKETS, 16, mode="mean", sparse=True)
out = nn.Linear(16, len(LANGS))
nn.init.uniform_(bag.weight, -0.1, 0.1)
opt_bag = torch.optim.SparseAdam(list(bag.parameters()), lr=0.01)     # Adam can't do sparse
opt_out = torch.optim.Adam(out.parameters(), lr=0.01)
smooth = nn.CrossEntropyLoss(label_smoothing=0.1)


def acc(rows):
    hit = 0
    with torch.no_grad():
        for i in range(0, len(rows), 300):
            ids, offs, y = flat(rows[i:i + 300])
            hit += int((out(bag(ids, offs)).argmax(-1) == y).sum())
    return hit / len(rows)


for epoch in range(3):
    random.shuffle(train)
    s = 0.0
    for i in range(0, len(train), 20):
        ids, offs, y = flat(train[i:i + 20])
        loss = smooth(out(bag(ids, offs)), y)
        opt_bag.zero_grad()
        opt_out.zero_grad()
        loss.backward()
        opt_bag.step()
        opt_out.step()
        s += loss.item()
    print("epoch %d loss %.3f test %.3f" % (epoch, s / (len(train) / 20), acc(test)))
print("train acc %.3f test acc %.3f" % (acc(train), acc(test)))
