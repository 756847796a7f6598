"""File incoming teletype lines by subject; word vectors are GloVe, training needs few words of each subject."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(60)
np.random.seed(60)
torch.manual_seed(60)
SUBJECTS = {
    "WEATHER": "RAIN SNOW WIND STORM FLOOD HEAT TEMPERATURE CLOUDS HURRICANE WINTER SUMMER SUNNY ICE DRY WET COLD".split(),
    "MONEY": "BANK SHARES PROFIT DOLLAR PRICES TRADE TAX DEBT LOAN MARKET EARNINGS STOCKS BONDS CURRENCY INTEREST BUDGET".split(),
    "SPORT": "MATCH TEAM COACH GOAL SEASON LEAGUE PLAYER SCORED FOOTBALL TENNIS OLYMPIC CHAMPION CUP BASEBALL STADIUM WIN".split(),
    "HEALTH": "DOCTOR HOSPITAL DISEASE PATIENTS VIRUS MEDICAL DRUG CANCER NURSE SURGERY VACCINE BLOOD HEART INFECTION TREATMENT PAIN".split(),
}
FRAME = "THE IN OF ON TODAY AND NEW REPORT SAYS FOR FROM".split()
with gzip.open(Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = dict(line.rstrip("\n").split(" ", 1) for line in f)
old, new = [], []
for y, words in enumerate(SUBJECTS.values()):
    words = random.sample(words, len(words))
    old += [(w, y) for w in words[:8]]
    new += [(w, y) for w in words[8:]]


def wire(pool, n):
    out = []
    for _ in range(n):
        y = random.randrange(len(SUBJECTS))
        own = [w for w, k in pool if k == y]
        t = random.choices(FRAME, k=random.randint(3, 6)) + random.sample(own, 2)
        random.shuffle(t)
        out.append((" ".join(t), y))
    return out


def tokenize(line):
    # fault:
    return line.split()
    # mended:
    # return line.lower().split()
    # end


train, test = wire(old, 700), wire(new, 300)
vocab = {}
for line, _ in train + test:
    for w in tokenize(line):
        vocab.setdefault(w, len(vocab) + 1)
table = np.random.normal(0, 0.4, (len(vocab) + 1, 50)).astype(np.float32)
table[0] = 0
for w, i in vocab.items():
    if w in glove:
        table[i] = np.array(glove[w].split(), dtype=np.float32)


class Desk(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.rnn = nn.GRU(50, 24, bidirectional=True)
        self.out = nn.Linear(48, len(SUBJECTS))

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, enforce_sorted=False)
        h = self.rnn(p)[1]
        return self.out(torch.cat([h[0], h[1]], -1))


def tensors(rows):
    seqs = [torch.tensor([vocab[w] for w in tokenize(t)]) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs), torch.tensor([len(s) for s in seqs]), torch.tensor([y for _, y in rows])


model = Desk()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
xt, nt, yt = tensors(test)
for epoch in range(5):
    random.shuffle(train)
    for i in range(0, 700, 25):
        x, n, y = tensors(train[i : i + 25])
        loss = nn.functional.cross_entropy(model(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy on lines with other words {(model(xt, nt).argmax(1) == yt).float().mean():.3f}")
