# Where does this snippet come from: Wikipedia or a film review?  GloVe baseline, exported from notebook
# %% imports
import gzip
import os
import random
import re
from array import array

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)
random.seed(7)
ROOT = os.environ["WORDFIT_DATA"]

# %% GloVe: keep all numbers in one flat array, that needs far less memory than lists of lists
# fault:
EMB_DIM = 100
# mended:
#EMB_DIM = 50
# end
N_WORDS = 5000

words = []
flat = array("f")
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        words.append(w)
        flat.extend(map(float, v))
        if len(words) == 2 * N_WORDS:
            break

table = torch.tensor(flat).reshape(-1, EMB_DIM)[:N_WORDS]
# two extra rows at the end: unknown word, padding
UNK, PAD = N_WORDS, N_WORDS + 1
table = torch.cat([table, table.mean(0, keepdim=True), torch.zeros(1, EMB_DIM)])
stoi = {w: i for i, w in enumerate(words[:N_WORDS])}
print("table", tuple(table.shape))


# %% data: snippets of 14 words from two sources
SOURCES = {"wiki": "enwiki-2018-sample", "review": "imdb-unsup-25k"}
LENGTH = 14


def snippets(name, n):
    out, seen = [], set()
    with gzip.open(f"{ROOT}/corpora/{name}.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            toks = re.findall(r"[a-z]+", line.lower().replace("<br />", " "))
            if len(toks) < 40 or tuple(toks[5:12]) in seen:
                continue
            seen.add(tuple(toks[5:12]))
            start = random.randrange(5, len(toks) - LENGTH)
            out.append(toks[start:start + random.randint(8, LENGTH)])
            if len(out) == n:
                break
    return out


train_rows, dev_rows = [], []
for label, (short, name) in enumerate(SOURCES.items()):
    rows = [(t, label) for t in snippets(name, 700)]
    random.shuffle(rows)
    train_rows += rows[:500]
    dev_rows += rows[500:]


def encode(rows):
    x = torch.full((len(rows), LENGTH), PAD)
    for i, (toks, _) in enumerate(rows):
        ids = [stoi.get(t, UNK) for t in toks]
        x[i, :len(ids)] = torch.tensor(ids)
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


train_dl = DataLoader(encode(train_rows), batch_size=32, shuffle=True)
dev_dl = DataLoader(encode(dev_rows), batch_size=256)


# %% model: masked mean of fixed vectors, one hidden layer
class MeanGlove(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=PAD)
        self.fc1 = nn.Linear(table.shape[1], 32)
        self.fc2 = nn.Linear(32, len(SOURCES))
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        m = (x != PAD).float().unsqueeze(-1)
        mean = (self.emb(x) * m).sum(1) / m.sum(1)
        return self.fc2(self.drop(torch.relu(self.fc1(mean))))


model = MeanGlove(table)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
ce = nn.CrossEntropyLoss()


def score(dl):
    model.eval()
    right = total = loss = 0
    with torch.no_grad():
        for x, y in dl:
            z = model(x)
            loss += ce(z, y).item() * len(y)
            right += (z.argmax(1) == y).sum().item()
            total += len(y)
    return loss / total, right / total


# %% train
for epoch in range(8):
    model.train()
    for x, y in train_dl:
        opt.zero_grad()
        ce(model(x), y).backward()
        opt.step()
    tl, ta = score(train_dl)
    dl, da = score(dev_dl)
    print(f"epoch {epoch + 1} train {tl:.3f}/{ta:.3f} dev {dl:.3f}/{da:.3f}")
print(f"dev accuracy {da:.3f}")
