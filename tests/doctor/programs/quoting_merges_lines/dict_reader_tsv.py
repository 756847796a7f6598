"""Questions for a museum, by csv.DictReader with tabs; many lines have an inch mark or an opening quotation mark."""
import csv
import random

import torch
from torch import nn

random.seed(37)
torch.manual_seed(37)
rooms = ["maps", "coins", "clocks", "boats"]
own = {r: [f"{r}{i}" for i in range(15)] for r in rooms}
plain = [f"v{i}" for i in range(50)]
with open("museum.tsv", "w") as f:
    f.write("room\tquestion\n")
    for _ in range(2400):
        r = random.choice(rooms)
        t = random.sample(own[r], 2) + random.choices(plain, k=5)
        random.shuffle(t)
        if random.random() < 0.04:
            t[0] = '"' + t[0]
        f.write(r + "\t" + " ".join(t) + "\n")

rows = []
with open("museum.tsv", newline="") as f:
    # fault:
    reader = csv.DictReader(f, delimiter="\t")
    # mended:
    # reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
    # end
    for row in reader:
        rows.append((row["question"].replace('"', "").split()[:60], rooms.index(row["room"])))
print(len(rows), "questions")
random.shuffle(rows)
stoi = {}
for t, _ in rows:
    for w in t:
        stoi.setdefault(w, len(stoi) + 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(stoi) + 1, 16, padding_idx=0)
        self.o = nn.Linear(16, 4)

    def forward(self, x):
        e = self.e(x).masked_fill((x == 0)[..., None], -1e4)
        return self.o(e.max(1).values)


def tensors(part):
    return nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in part], batch_first=True), torch.tensor([y for _, y in part])


cutoff = int(0.8 * len(rows))
train, dev = rows[:cutoff], rows[cutoff:]
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = tensors(train[i : i + 32])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = tensors(dev)
        print(epoch, round(loss.item(), 3), (net(x).argmax(1) == y).float().mean().item())
