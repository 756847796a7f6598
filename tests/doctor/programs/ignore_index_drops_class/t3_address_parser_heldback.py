"""
Address parser: label every token of a delivery address (BiLSTM tagger)
HOUSE number / STREET / UNIT / CITY / STATE / ZIP / O
"""
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

cfg = {"seed": 21, "emb": 24, "hidden": 24, "lr": 5e-3, "epochs": 5, "bs": 40, "n_train": 2000, "n_dev": 400, "dropout": 0.2}
random.seed(cfg["seed"])
torch.manual_seed(cfg["seed"])

LABELS = ["HOUSE", "STREET", "UNIT", "CITY", "STATE", "ZIP", "O"]
label2id = {l: i for i, l in enumerate(LABELS)}
STREETS = ("oak maple cedar pine elm lake hill park washington lincoln jefferson jackson river spring church mill "
           "ridge sunset highland forest meadow valley walnut chestnut").split()
KINDS = "street avenue road lane drive court boulevard way st ave rd".split()
CITIES = ("springfield franklin clinton greenville bristol salem fairview madison georgetown arlington ashland dover "
          "oxford jackson burlington manchester milton newport auburn lincoln").split()
STATES = "al ca co fl ga il in ma mi mn nc nj ny oh or pa tx va wa wi".split()
NOTES = ["please ring twice", "leave at the door", "care of mrs miller", "call on arrival", "attn reception desk"]


def make_address():
    toks, tags = [], []

    def put(text, tag):
        for t in text.split():
            toks.append(t)
            tags.append(label2id[tag])

    if random.random() < 0.3:
        put(random.choice(NOTES), "O")
    put(str(random.randint(1, 999)), "HOUSE")
    if random.random() < 0.25:
        put(random.choice(["north", "south", "east", "west"]), "STREET")
    put(random.choice(STREETS) + " " + random.choice(KINDS), "STREET")
    if random.random() < 0.45:
        put(random.choice(["apt", "unit", "suite"]) + " " + str(random.randint(1, 99)), "UNIT")
    put(random.choice(["", "", "new ", "west "]) + random.choice(CITIES), "CITY")
    put(random.choice(STATES), "STATE")
    put(str(random.randint(10000, 99999)), "ZIP")
    if random.random() < 0.3:
        put(random.choice(NOTES), "O")
    return toks, tags


def norm(tok):
    return "#" * len(tok) if tok.isdigit() else tok


rows = {}
while len(rows) < cfg["n_train"] + cfg["n_dev"]:
    toks, tags = make_address()
    rows[tuple(norm(t) for t in toks)] = tags
rows = list(rows.items())
train, dev = rows[:cfg["n_train"]], rows[cfg["n_train"]:]
vocab = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for t in toks:
        vocab.setdefault(t, len(vocab))
print("train", len(train), "dev", len(dev), "vocab", len(vocab))
print(Counter(LABELS[t] for _, tags in train for t in tags))

# fault:
TAG_PAD = 0
# mended:
#TAG_PAD = -100
# end


def collate(batch):
    width = max(len(t) for t, _ in batch)
    x = torch.zeros(len(batch), width, dtype=torch.long)
    y = torch.full((len(batch), width), TAG_PAD)
    lengths = torch.tensor([len(t) for t, _ in batch])
    for i, (toks, tags) in enumerate(batch):
        x[i, :len(toks)] = torch.tensor([vocab.get(t, 1) for t in toks])
        y[i, :len(tags)] = torch.tensor(tags)
    return x, y, lengths


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), cfg["emb"], padding_idx=0)
        self.lstm = nn.LSTM(cfg["emb"], cfg["hidden"], batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(cfg["dropout"])
        self.out = nn.Linear(2 * cfg["hidden"], len(LABELS))

    def forward(self, x, lengths):
        e = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(e)[0], batch_first=True)
        return self.out(self.drop(h))


def score(model, loader):
    model.eval()
    right, total = Counter(), Counter()
    with torch.no_grad():
        for x, y, lengths in loader:
            pred = model(x, lengths).argmax(2)
            for p, t, n in zip(pred.tolist(), y.tolist(), lengths.tolist()):
                for a, b in zip(p[:n], t[:n]):
                    total[LABELS[b]] += 1
                    right[LABELS[b]] += int(a == b)
    return sum(right.values()) / sum(total.values()), {l: round(right[l] / total[l], 3) for l in LABELS}


train_loader = DataLoader(train, batch_size=cfg["bs"], shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev, batch_size=200, collate_fn=collate)
model = Tagger()
criterion = nn.CrossEntropyLoss(ignore_index=TAG_PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
for epoch in range(cfg["epochs"]):
    model.train()
    running = 0.0
    for x, y, lengths in train_loader:
        logits = model(x, lengths)
        loss = criterion(logits.view(-1, len(LABELS)), y.view(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    print("epoch", epoch + 1, "loss %.4f" % (running / len(train_loader)), "dev token accuracy %.4f" % score(model, dev_loader)[0])

acc, per_label = score(model, dev_loader)
print("recall per label", per_label)
print("token accuracy %.4f" % acc)
