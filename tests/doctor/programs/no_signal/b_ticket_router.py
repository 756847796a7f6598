"""Ticket routing, v2.  Reads the helpdesk export and trains a small conv net."""
import csv, io, random
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11); np.random.seed(11); torch.manual_seed(11)

# ------------------------------------------------------------------ export (stand-in for helpdesk.csv)
TOPIC = {
    "billing": "invoice refund charge payment card receipt subscription price tax bill".split(),
    "network": "router wifi cable signal modem speed connection port dns latency".split(),
    "account": "password login username email reset locked profile signup token code".split(),
    "hardware": "screen keyboard battery charger laptop fan noise disk mouse hinge".split(),
}
FILL = ("hello please help me with my the a i have since yesterday it is not ok thanks again and this "
        "problem issue can you tell what to do today still cannot why when would like need").split()


def export(n):
    buf = io.StringIO()
    w = csv.DictWriter(buf, ["ticket", "opened_hour", "message", "queue", "agent"])
    w.writeheader()
    for i in range(n):
        queue = random.choice(list(TOPIC))
        words = random.choices(FILL, k=random.randint(5, 16))
        words += random.choices(TOPIC[queue], k=random.randint(1, 3))
        if random.random() < 0.15:
            words.append(random.choice(TOPIC[random.choice(list(TOPIC))]))
        random.shuffle(words)
        w.writerow(dict(ticket=10000 + i, opened_hour=random.randint(0, 23), message=" ".join(words),
                        queue=queue, agent=random.choice(["ines", "karl", "mei", "tom"])))
    buf.seek(0)
    return list(csv.DictReader(buf))


table = export(3600)
# fault:
field = "agent"
# mended:
# field = "queue"
# end
names = sorted({r[field] for r in table})
print("target:", field, Counter(r[field] for r in table))

counts = Counter(w for r in table[:3000] for w in r["message"].split())
stoi = {"<pad>": 0, "<unk>": 1}
for w, c in counts.most_common():
    stoi[w] = len(stoi)


def tensors(rows):
    width = max(len(r["message"].split()) for r in rows)
    x = torch.zeros(len(rows), max(width, 5), dtype=torch.long)
    for i, r in enumerate(rows):
        ids = [stoi.get(w, 1) for w in r["message"].split()]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([names.index(r[field]) for r in rows])


class Router(nn.Module):
    def __init__(self, v, n_out):
        super().__init__()
        self.lookup = nn.Embedding(v, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 48, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(48, n_out)

    def forward(self, x):
        h = F.relu(self.conv(self.lookup(x).transpose(1, 2)))
        return self.fc(self.drop(h.amax(dim=2)))


xtr, ytr = tensors(table[:3000])
xte, yte = tensors(table[3000:])
net = Router(len(stoi), len(names))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(1, 6):
    net.train()
    running = 0.0
    for idx in torch.randperm(len(xtr)).split(50):
        loss = F.cross_entropy(net(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        acc = (net(xte).argmax(1) == yte).float().mean().item()
        acc_tr = (net(xtr).argmax(1) == ytr).float().mean().item()
    print(f"epoch {epoch}  loss {running / len(xtr):.4f}  train acc {acc_tr:.3f}  test acc {acc:.3f}")
