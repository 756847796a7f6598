# -*- coding: utf-8 -*-
# Internship project: route support tickets to one of 24 teams
import random
import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

SEED = 7
random.seed(SEED)
torch.manual_seed(SEED)

THINGS = ["invoice", "password", "router", "printer", "parcel", "contract", "laptop", "badge"]
ACTIONS = {
    "broken": ["broken", "crashed", "damaged", "faulty"],
    "missing": ["missing", "lost", "gone", "stolen"],
    "change": ["update", "replace", "renew", "extend"],
}
OPENERS = ["hello", "hi", "dear team", "good morning", "hey", "to whom it may concern"]
FILLER = "please since yesterday my our the again really urgent thanks help with is it this was now today still asap you could someone look".split()
TEAMS = [(t, a) for t in THINGS for a in ACTIONS]


def make_ticket():
    k = random.randrange(len(TEAMS))
    thing, act = TEAMS[k]
    words = random.choice(OPENERS).split()
    body = [thing, random.choice(ACTIONS[act])] + random.choices(FILLER, k=random.randint(2, 5))
    random.shuffle(body)
    return tuple(words + body), k


tickets = {}
while len(tickets) < 2400:
    text, team = make_ticket()
    tickets[text] = team
tickets = list(tickets.items())
random.shuffle(tickets)
train, test = tickets[:2000], tickets[2000:]

word2id = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for w in words:
        word2id.setdefault(w, len(word2id))


def to_batch(rows):
    seqs = [torch.tensor([word2id.get(w, 1) for w in words]) for words, _ in rows]
    lens = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lens, torch.tensor([y for _, y in rows])


class TicketRouter(nn.Module):
    def __init__(self, n_words, n_teams, dim=32, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(2 * hidden, n_teams)
        # fault:
        self.act = nn.Softmax(dim=-1)
        # mended:
        #self.act = nn.LogSoftmax(dim=-1)
        # end

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        h = torch.cat([h[0], h[1]], dim=1)
        return self.act(self.out(self.drop(h)))


model = TicketRouter(len(word2id), len(TEAMS))
criterion = nn.NLLLoss()
optimizer = optim.SGD(model.parameters(), lr=0.3, momentum=0.9)


def accuracy(rows):
    model.eval()
    hit = 0
    with torch.no_grad():
        for i in range(0, len(rows), 300):
            x, lens, y = to_batch(rows[i:i + 300])
            hit += (model(x, lens).argmax(1) == y).sum().item()
    return hit / len(rows)


for epoch in range(6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        x, lens, y = to_batch(train[i:i + 40])
        optimizer.zero_grad()
        loss = criterion(model(x, lens), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(y)
    print("Epoch %d  loss %.4f  test acc %.3f" % (epoch + 1, total / len(train), accuracy(test)))

print("train acc %.3f" % accuracy(train))
print("final test acc %.3f (%d teams)" % (accuracy(test), len(TEAMS)))
