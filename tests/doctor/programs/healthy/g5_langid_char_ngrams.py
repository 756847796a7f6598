# -*- coding: utf-8 -*-
# Language ID of short captions (en/de/fr/cs) with hashed character trigrams.  fastText from scratch, for the NLP lab course.
import gzip, os, random, zlib
import torch
from torch import nn

root = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4000
random.seed(0); torch.manual_seed(0)


def first_words(line, k=4):
    return " ".join(line.strip().lower().split()[:k])


def ngrams(s, n=3):
    s = "<" + s.replace(" ", "_") + ">"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for i in range(len(s) - n + 1)]


data = {}
for k, lang in enumerate(LANGS):
    with gzip.open(root + "train." + lang + ".gz", "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i == 1500: break
            data.setdefault(first_words(line), k)      # a start of a caption counts once
data = list(data.items())
random.shuffle(data)
n_test = len(data) // 5
test, train = data[:n_test], data[n_test:]
print("train", len(train), "test", len(test))


def batch(rows):
    flat, off = [], []
    for s, _ in rows:
        off.append(len(flat))
        flat += ngrams(s)
    return torch.tensor(flat), torch.tensor(off), torch.tensor([y for _, y in rows])


class FastText(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.drop = nn.Dropout(0.2)
        self.lin = nn.Linear(16, len(LANGS))
    def forward(self, flat, off):
        return self.lin(self.drop(self.bag(flat, off)))


net = FastText()
crit = nn.CrossEntropyLoss(label_smoothing=0.05)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
test_batch = batch(test)

for ep in range(6):
    net.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 64):
        flat, off, y = batch(train[i:i + 64])
        opt.zero_grad()
        loss = crit(net(flat, off), y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        out = net(*test_batch[:2])
        acc = (out.argmax(1) == test_batch[2]).float().mean().item()
        tl = crit(out, test_batch[2]).item()
    print("epoch %d  train %.3f  test %.3f  acc %.4f" % (ep, tot / len(train), tl, acc))

with torch.no_grad():
    for s in ["ein kleiner hund läuft", "two men are playing", "une femme dans la", "muž v modré košili"]:
        print(s, "->", LANGS[net(*batch([(s, 0)])[:2]).argmax().item()])
