"""log_router: predict a column of the incident table from the message text."""
import csv
import random
import re

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(404)
torch.manual_seed(404)

CONFIG = {
    "table": "incidents.csv",
    "text": "message",
    # fault:
    "target": "shard",
    # mended:
    # "target": "service",
    # end
    "epochs": 6,
    "batch": 40,
    "lr": 3e-3,
}

TEMPLATES = {
    "db": ["deadlock found when trying to get lock on table t{n}", "slow query took {n} ms", "replica lag {n} seconds", "too many connections ({n})"],
    "web": ["GET /item/{n} returned 502", "upstream timed out after {n} ms", "client closed connection {n}", "TLS handshake failed for 10.0.{n}.7"],
    "queue": ["consumer {n} rebalanced", "message {n} moved to dead letter topic", "offset {n} out of range", "partition {n} has no leader"],
    "auth": ["token for user {n} expired", "login failed {n} times", "certificate {n} revoked", "password reset for user {n}"],
}


def export_table(path, n):
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f)
        w.writerow(["id", "message", "service", "shard", "minutes"])
        for i in range(n):
            service = random.choice(list(TEMPLATES))
            msg = random.choice(TEMPLATES[service]).format(n=random.randint(1, 999))
            if random.random() < 0.4:
                msg += random.choice([" (retrying)", " - giving up", " on node %d" % random.randint(1, 40), " again"])
            w.writerow([i, msg, service, "s%d" % random.randrange(4), round(random.expovariate(0.1), 1)])


def tokens(msg):
    return re.findall(r"[a-z]+|\d", msg.lower())


def read_table(cfg):
    with open(cfg["table"], newline="", encoding="utf-8") as f:
        rows = [(tokens(r[cfg["text"]]), r[cfg["target"]]) for r in csv.DictReader(f)]
    random.shuffle(rows)
    return rows


class Model(nn.Module):
    def __init__(self, n_words, n_out):
        super().__init__()
        self.emb = nn.Embedding(n_words, 32, padding_idx=0)
        self.lstm = nn.LSTM(32, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, n_out)

    def forward(self, x):
        lens = (x > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(torch.cat([h[0], h[1]], 1))


export_table(CONFIG["table"], 4000)
rows = read_table(CONFIG)
cut = int(0.85 * len(rows))
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in rows[:cut] for w in t}))}
classes = sorted({y for _, y in rows})
ids = [torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in rows]
target = torch.tensor([classes.index(y) for _, y in rows])
# a message that also occurs in training tells nothing about new ones
known = {tuple(t.tolist()) for t in ids[:cut]}
dev_idx = [i for i in range(cut, len(rows)) if tuple(ids[i].tolist()) not in known]
majority = torch.bincount(target[dev_idx]).max().item() / len(dev_idx)
print("classes", classes, "- majority %.3f of %d" % (majority, len(dev_idx)))

net = Model(len(vocab) + 2, len(classes))
optim = torch.optim.Adam(net.parameters(), lr=CONFIG["lr"])
for epoch in range(CONFIG["epochs"]):
    net.train()
    order = torch.randperm(cut).tolist()
    total = 0.0
    for s in range(0, cut, CONFIG["batch"]):
        idx = order[s:s + CONFIG["batch"]]
        loss = nn.functional.cross_entropy(net(pad_sequence([ids[i] for i in idx], batch_first=True)), target[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        pred = net(pad_sequence([ids[i] for i in dev_idx], batch_first=True)).argmax(1)
    print("epoch %d loss %.4f dev accuracy %.4f" % (epoch + 1, total / cut, (pred == target[dev_idx]).float().mean().item()))
