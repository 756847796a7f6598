"""Ticket routing, field ablation: how far does one field of the record carry us?  Small CNN, logs to stdout."""
import json
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)

QUEUES = {
    "billing": "invoice refund charge card payment receipt amount subscription tax price paid money".split(),
    "network": "router wifi cable signal offline connection modem slow ping outage dns vpn".split(),
    "hardware": "screen battery keyboard fan broken charger usb noise laptop hinge speaker heat".split(),
    "account": "password login username locked email reset profile verify code delete settings name".split(),
}
FILLER = "hello please i my the is not again since yesterday it can you help me with and thanks a this".split()
OPENERS = ["question", "help needed", "urgent", "ticket", "follow up", "please read", "issue", "hi there", "second request", "fwd"]


def record(i):
    queue = random.choice(list(QUEUES))
    body = [random.choice(QUEUES[queue]) if random.random() < 0.35 else
            random.choice(random.choice(list(QUEUES.values()))) if random.random() < 0.15 else random.choice(FILLER) for _ in range(12)]
    subject = random.choice(OPENERS) + " " + random.choice(["monday", "tuesday", "friday", "today"]) + " from " + random.choice("anna ben carl dora emil fay".split())
    return json.dumps({"id": i, "subject": subject, "body": " ".join(body), "queue": queue})


rows = [json.loads(record(i)) for i in range(3600)]
# fault:
FIELD = "subject"
# mended:
# FIELD = "body"
# end
train, dev = rows[:3000], rows[3000:]
count = Counter(w for r in train for w in r[FIELD].split())
vocab = {w: i + 2 for i, w in enumerate(sorted(count))}
names = sorted(QUEUES)
width = max(len(r[FIELD].split()) for r in train)


def encode(part):
    x = torch.zeros(len(part), width, dtype=torch.long)
    for k, r in enumerate(part):
        t = [vocab.get(w, 1) for w in r[FIELD].split()][:width]
        x[k, :len(t)] = torch.tensor(t)
    return x, torch.tensor([names.index(r["queue"]) for r in part])


class TextCNN(nn.Module):
    def __init__(self, v, d=24, k=32):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.conv = nn.Conv1d(d, k, 2, padding=1)
        self.fc = nn.Linear(k, len(names))

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        ends = F.pad(x != 0, (0, 1))            # a window that begins on a word or on the left edge
        ends[:, 0] = True
        h = h.masked_fill(~ends[:, None], 0.0)
        return self.fc(h.amax(2))


x, y = encode(train)
xd, yd = encode(dev)
model = TextCNN(len(vocab) + 2)
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 5)
print("field", FIELD, "| words", len(vocab), "| majority on dev %.3f" % (yd.bincount().max() / len(yd)).item())
for epoch in range(1, 6):
    model.train()
    s = c = 0
    for b in torch.randperm(len(x)).split(50):
        out = model(x[b])
        loss = F.cross_entropy(out, y[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
        s += loss.item() * len(b)
        c += (out.argmax(1) == y[b]).sum().item()
    sched.step()
    model.eval()
    with torch.no_grad():
        od = model(xd)
    print("epoch %d  loss %.3f acc %.3f  dev loss %.3f acc %.3f" % (epoch, s / len(x), c / len(x), F.cross_entropy(od, yd).item(), (od.argmax(1) == yd).float().mean().item()))
