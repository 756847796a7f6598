"""ATIS-like slot filling with a bidirectional GRU.  Batches are time-major, as pad_sequence makes them."""
import random
from functools import partial

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(66)
torch.manual_seed(66)
CITIES = "boston denver atlanta dallas oakland pittsburgh baltimore philadelphia seattle memphis".split()
DAYS = "monday tuesday wednesday thursday friday saturday".split()
TIMES = "morning noon afternoon evening".split()
SLOTS = ["O", "from", "to", "via", "depart_day", "return_day", "time"]


def query():
    parts = [[("from", "O"), (random.choice(CITIES), "from")], [("to", "O"), (random.choice(CITIES), "to")]]
    if random.random() < 0.5:
        parts.append([(random.choice(["via", "through"]), "O"), (random.choice(CITIES), "via")])
    if random.random() < 0.6:
        parts.append([(random.choice(["leaving", "on"]), "O"), (random.choice(DAYS), "depart_day")])
    if random.random() < 0.5:
        parts.append([("returning", "O"), (random.choice(DAYS), "return_day")])
    if random.random() < 0.4:
        parts.append([("in", "O"), ("the", "O"), (random.choice(TIMES), "time")])
    random.shuffle(parts)
    head = random.choice(["show me flights", "i need a ticket", "what is the cheapest fare", "flights please"])
    return [(w, "O") for w in head.split()] + [p for part in parts for p in part]


data = [query() for _ in range(2000)]
word2id = {"<pad>": 0, "<unk>": 1}
for q in data[:1600]:
    for w, _ in q:
        word2id.setdefault(w, len(word2id))
IGN = -100


def collate(rows):
    x = pad_sequence([torch.tensor([word2id.get(w, 1) for w, _ in q]) for q in rows], padding_value=0)
    y = pad_sequence([torch.tensor([SLOTS.index(s) for _, s in q]) for q in rows], padding_value=IGN)
    return x, y


class SlotTagger(nn.Module):
    def __init__(self, n_words, n_slots, emb=24, hid=32):
        super().__init__()
        self.embedding = nn.Embedding(n_words, emb, padding_idx=0)
        # fault:
        self.rnn = nn.GRU(emb, hid, bidirectional=True, batch_first=True)
        # mended:
        # self.rnn = nn.GRU(emb, hid, bidirectional=True)
        # end
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(2 * hid, n_slots)

    def forward(self, x):
        h, _ = self.rnn(self.dropout(self.embedding(x)))
        return self.out(self.dropout(h))


def slot_score(model, loader):
    model.eval()
    good = total = 0
    with torch.no_grad():
        for x, y in loader:
            p = model(x).argmax(-1)
            m = y > 0
            good += (p[m] == y[m]).sum().item()
            total += m.sum().item()
    return good / total


make = partial(DataLoader, collate_fn=collate)
train_loader, dev_loader = make(data[:1600], batch_size=32, shuffle=True), make(data[1600:], batch_size=32)
model = SlotTagger(len(word2id), len(SLOTS))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=IGN)
for epoch in range(4):
    model.train()
    acc_loss = 0.0
    for x, y in train_loader:
        opt.zero_grad()
        loss = loss_fn(model(x).flatten(0, 1), y.flatten())
        loss.backward()
        opt.step()
        acc_loss += loss.item()
    print(f"epoch {epoch}: loss {acc_loss / len(train_loader):.4f}, slot words right on dev {slot_score(model, dev_loader):.4f}")
