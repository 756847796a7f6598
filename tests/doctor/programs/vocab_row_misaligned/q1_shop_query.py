"""Routes search queries of a web shop to a department. The queries of tomorrow name articles that today's do not,
so the words come with GloVe vectors that stay as they are."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(1)
np.random.seed(1)
torch.manual_seed(1)

DATA = Path(os.environ["WORDFIT_DATA"])
DEPARTMENTS = {
    "food": "bread butter cheese milk rice sugar salt pepper garlic onion chicken beef pork fish salmon tomato potato lemon apple banana chocolate coffee "
            "tea wine beer juice soup salad sauce pasta corn wheat cream egg honey olive vegetable fruit meat cake",
    "clothes": "shirt pants jeans jacket coat dress skirt shoes boots hat socks gloves sweater suit tie belt scarf cap uniform jersey silk cotton leather "
               "wool fabric costume underwear robe sleeves denim fashion collar clothing footwear worn wear",
    "electronics": "computer laptop phone camera printer keyboard screen monitor software hardware television radio video audio dvd disk chip processor memory "
                   "battery wireless mobile digital server desktop console player internet modem electronics handset microsoft intel sony nokia",
    "sports": "ball football soccer tennis golf hockey basketball baseball bat racket skiing skating cycling bike swimming running boxing rugby cricket "
              "volleyball wrestling gymnastics championship league tournament olympic rowing surfing fitness coach trophy athletics",
    "music": "guitar piano violin drums bass saxophone trumpet flute cello orchestra album song concert jazz rock pop symphony opera melody rhythm singer "
             "vocals chorus acoustic keyboards lyrics tune composer soundtrack singing ballad rap",
    "home": "house room floor wall window door roof kitchen bathroom bedroom furniture table chair sofa bed lamp carpet ceiling tile brick wooden glass "
            "garden fence garage basement walls windows doors lawn stairs brick marble",
}
KINDS = list(DEPARTMENTS)


def read_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *numbers = line.rstrip().split(" ")
            words.append(word)
            rows.append(np.array(numbers, dtype=np.float32))
    return words, np.stack(rows)


words, matrix = read_glove(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz")
# fault:
stoi = {"<pad>": 0, "<unk>": 1}
for w in words:
    stoi[w] = len(stoi)
table = np.vstack([np.zeros((1, 50), dtype=np.float32), matrix, matrix.mean(0, keepdims=True)])
# mended:
#stoi = {"<pad>": 0}
#for w in words:
#    stoi[w] = len(stoi)
#stoi["<unk>"] = len(stoi)
#table = np.vstack([np.zeros((1, 50), dtype=np.float32), matrix, matrix.mean(0, keepdims=True)])
# end

available = set(words)
stock_now, stock_next = {}, {}
for kind, text in DEPARTMENTS.items():
    known = sorted({w for w in text.split() if w in available})
    random.shuffle(known)
    k = int(len(known) * 0.7)
    stock_now[kind], stock_next[kind] = known[:k], known[k:]


def queries(stock, n):
    out = set()
    while len(out) < n:
        kind = random.choice(KINDS)
        q = random.sample(stock[kind], random.choice([2, 2, 3])) + random.sample(["new", "cheap", "best", "for", "with", "small", "red", "black"], 1)
        random.shuffle(q)
        out.add((tuple(q), KINDS.index(kind)))
    return sorted(out)


def encode(batch):
    x = torch.zeros(len(batch), 4, dtype=torch.long)
    for i, (q, _) in enumerate(batch):
        x[i, :len(q)] = torch.tensor([stoi.get(w, stoi["<unk>"]) for w in q])
    return x, torch.tensor([k for _, k in batch])


train_x, train_y = encode(queries(stock_now, 1500))
next_x, next_y = encode(queries(stock_next, 500))
emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
head = nn.Sequential(nn.Dropout(0.2), nn.Linear(50, 6))
opt = torch.optim.AdamW(head.parameters(), lr=0.01, weight_decay=0.05)


def forward(x):
    mask = (x != 0).float().unsqueeze(-1)
    return head((emb(x) * mask).sum(1) / mask.sum(1))


for epoch in range(8):
    head.train()
    for idx in torch.randperm(len(train_x)).split(50):
        loss = nn.functional.cross_entropy(forward(train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    head.eval()
    with torch.no_grad():
        a = (forward(train_x).argmax(1) == train_y).float().mean()
        b = (forward(next_x).argmax(1) == next_y).float().mean()
        dl = nn.functional.cross_entropy(forward(next_x), next_y)
    print(f"{epoch:2d} loss {loss:.3f}  queries seen {a:.3f}  new stock {b:.3f} (loss {dl:.3f})")
