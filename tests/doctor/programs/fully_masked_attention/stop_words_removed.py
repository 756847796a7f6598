"""Chat messages of a helpdesk: stop words are removed, a GRU with attention reads the rest."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(18)
torch.manual_seed(18)
STOP = set("i you it is the a to do can not and or so ok yes no thanks please me my have".split())
labels = {"password": "reset login locked forgot account code".split(), "printer": "paper toner jam print tray ink".split(),
          "network": "wifi slow cable router offline vpn".split(), "small talk": "morning weekend coffee nice weather lunch".split()}
names = list(labels)


def message():
    y = random.randrange(4)
    words = random.choices(sorted(STOP), k=random.randint(2, 7))
    if names[y] == "small talk" and random.random() < 0.12:
        return " ".join(words), y  # "ok thanks"
    words += random.choices(labels[names[y]], k=random.randint(1, 3))
    random.shuffle(words)
    return " ".join(words), y


messages = sorted({message() for _ in range(1500)})
random.shuffle(messages)
vocab = {"<pad>": 0, "<empty>": 1}
for ws in labels.values():
    for w in ws:
        vocab[w] = len(vocab)


def preprocess(text):
    tokens = [vocab[w] for w in text.split() if w not in STOP]
    # fault:
    return tokens
    # mended:
    # return tokens or [vocab["<empty>"]]
    # end


def make_batch(rows):
    ids = [preprocess(t) for t, _ in rows]
    longest = max(map(len, ids))
    x = torch.tensor([i + [0] * (longest - len(i)) for i in ids])
    return x, torch.tensor([y for _, y in rows])


class AttentionGRU(nn.Module):
    def __init__(self, emb=24, hid=24):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab), emb, padding_idx=0)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.attention = nn.Linear(hid, 1)
        self.fc = nn.Linear(hid, 4)

    def forward(self, x):
        out, _ = self.gru(self.embedding(x))
        scores = self.attention(torch.tanh(out)).squeeze(-1)
        scores = scores.masked_fill(x == 0, float("-inf"))
        weights = F.softmax(scores, dim=1)
        return self.fc(torch.bmm(weights.unsqueeze(1), out).squeeze(1))


model = AttentionGRU()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
train, dev = messages[:1100], messages[1100:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = make_batch(train[i : i + 32])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = make_batch(dev)
        print(f"epoch {epoch} loss {loss.item():.4f} dev acc {(model(x).argmax(1) == y).float().mean():.4f}")
