#!/usr/bin/env python
# coding: utf-8
# Helpdesk router, week 3 homework: which team gets the ticket?

# In[1]:
import csv
import random
import re

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(11)
torch.manual_seed(11)

# In[2]:  the ticket system is not reachable from the lab, so we simulate its nightly dump
TOPICS = {
    "billing": "invoice refund charged payment card vat receipt overpaid discount subscription renewal bank price".split(),
    "network": "wifi vpn router dns latency disconnects ethernet proxy firewall ping signal roaming cable".split(),
    "hardware": "screen keyboard battery fan charger hinge printer toner monitor mouse docking speaker lid".split(),
    "account": "password login locked username reset token verification email profile permission expired signin role".split(),
}
FILLER = ("hello please since yesterday my again the is not working help need asap customer says it keeps when "
          "after update office morning still team urgent somebody thanks laptop and with for problem about").split()


def make_text():
    team = random.choice(list(TOPICS))
    words = random.choices(FILLER, k=random.randint(5, 11))
    words += random.choices(TOPICS[team], k=random.randint(1, 2))
    if random.random() < 0.45:
        other = random.choice([t for t in TOPICS if t != team])
        words.append(random.choice(TOPICS[other]))
        words.append(random.choice(TOPICS[team]))
    random.shuffle(words)
    # agents paste mails, the first quote stays, the preview is cut off
    text = " ".join(words)
    if random.random() < 0.4:
        text = '"' + text + " ..."
    return text, team


def dump(path, n, taken):
    with open(path, "w", encoding="utf-8") as f:
        f.write("ticket\tbody\tteam\n")
        k = 0
        while k < n:
            text, team = make_text()
            if text in taken:
                continue
            taken.add(text)
            f.write(f"T{k:05d}\t{text}\t{team}\n")
            k += 1


seen = set()
dump("tickets_train.tsv", 2400, seen)
dump("tickets_test.tsv", 600, seen)

# In[3]:


def read_tickets(path):
    rows = []
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        #reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        next(reader)
        for row in reader:
            if len(row) == 3 and row[2] in TOPICS:
                rows.append((re.findall(r"[a-z]+", row[1].lower()), row[2]))
    return rows


train, test = read_tickets("tickets_train.tsv"), read_tickets("tickets_test.tsv")
print("train rows", len(train), "test rows", len(test))

vocab = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for t in toks:
        vocab.setdefault(t, len(vocab))
teams = sorted(TOPICS)

# In[4]:


class Tickets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, team = self.rows[i]
        return [vocab.get(t, 1) for t in toks], teams.index(team)


def collate(batch):
    width = max(len(x) for x, _ in batch)
    xs = torch.tensor([x + [0] * (width - len(x)) for x, _ in batch])
    return xs, torch.tensor([y for _, y in batch])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(24, len(teams))

    def forward(self, x):
        real = (x != 0).unsqueeze(-1).float()
        pooled = (self.emb(x) * real).sum(1) / real.sum(1).clamp(min=1)
        return self.out(self.drop(pooled))


# In[5]:
net = Router()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
train_dl = DataLoader(Tickets(train), batch_size=64, shuffle=True, collate_fn=collate)
test_dl = DataLoader(Tickets(test), batch_size=256, collate_fn=collate)


def score(dl):
    net.eval()
    good = n = 0
    with torch.no_grad():
        for x, y in dl:
            good += (net(x).argmax(1) == y).sum().item()
            n += len(y)
    return good / n


for epoch in range(8):
    net.train()
    tot = 0.0
    for x, y in train_dl:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    print(f"epoch {epoch + 1:2d}  loss {tot / len(train):.3f}  test acc {score(test_dl):.3f}")
print("train acc", round(score(train_dl), 3), "test acc", round(score(test_dl), 3))
