"""
Homework 3 -- Deep Averaging Network (Iyyer et al. 2015) on SST-2 phrases
GloVe vectors stay fixed (as asked in question 2b), word dropout p = 0.2
"""
import csv, gzip, os, random
import numpy as np
import torch
from torch import nn

random.seed(13); np.random.seed(13); torch.manual_seed(13)
ROOT = os.environ["WORDFIT_DATA"]
WORD_DROP, HID, EPOCHS, BS = 0.2, 64, 6, 64


def load_glove(path):
    words, rows = ["<unk>"], [None]
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            w, rest = line.rstrip("\n").split(" ", 1)
            words.append(w)
            rows.append(np.array(rest.split(" "), dtype=np.float32))
    rows[0] = np.mean(rows[1:], axis=0)          # unknown words get the average vector
    m = np.stack(rows)
    return {w: i for i, w in enumerate(words)}, torch.from_numpy((m - m.mean(0)) / m.std(0))


def read(path):
    with open(path, encoding="utf8", newline="") as f:
        r = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(r)
        return [(a.strip(), int(b)) for a, b in r]


stoi, glove = load_glove(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"))
dev_rows = read(os.path.join(ROOT, "glue/SST-2/dev.tsv"))
in_dev = {t for t, _ in dev_rows}
train_rows = [(t, y) for t, y in read(os.path.join(ROOT, "glue/SST-2/train.tsv"))
              if len(t.split()) >= 5 and t not in in_dev]
random.shuffle(train_rows)
train_rows = list(dict(train_rows[:8000]).items())

enc = lambda t: [stoi.get(w, 0) for w in t.split()]
train = [(enc(t), y) for t, y in train_rows]
dev = [(enc(t), y) for t, y in dev_rows]
print(len(train), "train phrases", len(dev), "dev sentences")


class DAN(nn.Module):
    def __init__(self, vec):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(vec, freeze=True, mode="mean")
        self.ff = nn.Sequential(nn.Linear(vec.size(1), HID), nn.ReLU(), nn.Dropout(0.2),
                                nn.Linear(HID, HID), nn.ReLU(), nn.Linear(HID, 2))

    def forward(self, flat, offsets):
        return self.ff(self.bag(flat, offsets))


def collate(batch, drop):
    seqs = []
    for ids, _ in batch:
        if drop:
            kept = [i for i in ids if random.random() > WORD_DROP]
            ids = kept or ids                     # never drop the whole phrase
        seqs.append(ids)
    off = np.cumsum([0] + [len(s) for s in seqs[:-1]])
    return (torch.tensor([i for s in seqs for i in s]), torch.tensor(off),
            torch.tensor([y for _, y in batch]))


@torch.no_grad()
def accuracy(net, data):
    net.eval()
    flat, off, y = collate(data, drop=False)
    return (net(flat, off).argmax(1) == y).float().mean().item()


net = DAN(glove)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.3)
ce = nn.CrossEntropyLoss()
for ep in range(1, EPOCHS + 1):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), BS):
        flat, off, y = collate(train[k:k + BS], drop=True)
        opt.zero_grad()
        loss = ce(net(flat, off), y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    sched.step()
    print(f"epoch {ep}  loss {tot / len(train):.4f}  train {accuracy(net, train[:3000]):.3f}  dev {accuracy(net, dev):.3f}")
