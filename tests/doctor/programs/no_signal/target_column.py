"""Will a support ticket be escalated? Table of tickets as CSV, LSTM."""
import csv
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(60)
torch.manual_seed(60)
angry = "unacceptable lawyer refund immediately worst furious third complaint broken again".split()
calm = "question thanks could information change address update kindly receipt copy".split()
both = "hello i have my order number account since today email the it to with and please about you".split()
with open("tickets.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["id", "agent_shift", "escalated", "text"])
    seen = set()
    while len(seen) < 1500:
        e = random.randrange(2)
        t = random.choices(angry if e else calm, k=random.randint(1, 3)) + random.choices(both, k=random.randint(4, 9))
        random.shuffle(t)
        if tuple(t) not in seen:
            seen.add(tuple(t))
            w.writerow([len(seen), random.randrange(2), e, " ".join(t)])

TEXT = "text"
# fault:
LABEL = "agent_shift"
# mended:
# LABEL = "escalated"
# end
with open("tickets.csv", newline="") as f:
    table = [(row[TEXT].split(), int(row[LABEL])) for row in csv.DictReader(f)]
train, valid = table[:1200], table[1200:]
stoi = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for word in words:
        stoi.setdefault(word, len(stoi))


def batches(rows, size, shuffle):
    order = torch.randperm(len(rows)).tolist() if shuffle else list(range(len(rows)))
    for i in range(0, len(rows), size):
        part = [rows[j] for j in order[i : i + size]]
        x = [torch.tensor([stoi.get(w, 1) for w in words]) for words, _ in part]
        yield pad_sequence(x, batch_first=True), torch.tensor([len(v) for v in x]), torch.tensor([float(y) for _, y in part])


class TicketLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 32, batch_first=True)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(32, 1)

    def forward(self, x, n):
        packed = pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.drop(h[-1])).squeeze(1)


model = TicketLSTM()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    total = 0.0
    for x, n, y in batches(train, 30, True):
        optimizer.zero_grad()
        loss = criterion(model(x, n), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    hits = 0
    with torch.no_grad():
        for x, n, y in batches(valid, 100, False):
            hits += ((model(x, n) > 0).float() == y).sum().item()
    print(f"Epoch {epoch + 1}: train loss {total / len(train):.4f}, valid acc {hits / len(valid):.4f}")
