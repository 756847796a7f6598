# Multi-task: one GRU reads a shop order, three heads answer (item, city, log quantity).
# Task weights are learned (Kendall et al. 2018), so the total can and does go below zero.
import math, random
import torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(21); torch.manual_seed(21)
ITEMS = {0: ["shirt", "shirts", "blouse"], 1: ["lamp", "lamps", "lantern"], 2: ["chair", "chairs", "stool"], 3: ["mug", "mugs", "cup"]}
CITIES = ["oslo", "lima", "cairo", "perth", "quito", "turin"]
ONES = "one two three four five six seven eight nine".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
FILL = ["red", "blue", "cheap", "small", "nice", "used", "large"]

def spell(n):
    if n < 10: return [ONES[n - 1]]
    t, o = divmod(n, 10)
    return [TENS[t - 2]] + ([ONES[o - 1]] if o else [])

def sample():
    n = random.choice([*range(1, 10), *range(20, 100)])
    it, c = random.randrange(4), random.randrange(6)
    what = spell(n) + random.sample(FILL, random.randint(0, 2)) + [random.choice(ITEMS[it])]
    place = ["to", CITIES[c]]
    s = ["deliver"] + (what + place if random.random() < .6 else place + what)
    if random.random() < .4: s = ["hello", ","] + s
    if random.random() < .4: s += ["as", "soon", "as", "possible"]
    return s, it, c, math.log(n)

class Orders(Dataset):
    def __init__(self, rows, vocab): self.rows, self.vocab = rows, vocab
    def __len__(self): return len(self.rows)
    def __getitem__(self, i):
        s, it, c, q = self.rows[i]
        return {"ids": torch.tensor([self.vocab.get(w, 1) for w in s]), "item": it, "city": c, "q": q}

def collate(b):
    return {"ids": pad_sequence([r["ids"] for r in b], batch_first=True),
            "len": torch.tensor([len(r["ids"]) for r in b]),
            "item": torch.tensor([r["item"] for r in b]),
            "city": torch.tensor([r["city"] for r in b]),
            "q": torch.tensor([r["q"] for r in b], dtype=torch.float)}

train_rows = [sample() for _ in range(2200)]
seen = {tuple(r[0]) for r in train_rows}
dev_rows = [r for r in (sample() for _ in range(900)) if tuple(r[0]) not in seen][:400]
vocab = {"<pad>": 0, "<unk>": 1}
for s, *_ in train_rows:
    for w in s: vocab.setdefault(w, len(vocab))
Q_MEAN = sum(r[3] for r in train_rows) / len(train_rows)

class MultiTask(nn.Module):
    def __init__(self, v, d=24, h=48):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.item, self.city, self.qty = nn.Linear(h, 4), nn.Linear(h, 6), nn.Linear(h, 1)
        self.log_var = nn.Parameter(torch.zeros(3))
    def forward(self, ids, lens):
        _, h = self.rnn(pack_padded_sequence(self.emb(ids), lens, batch_first=True, enforce_sorted=False))
        h = h[-1]
        return self.item(h), self.city(h), self.qty(h).squeeze(1) + Q_MEAN

net = MultiTask(len(vocab))
optim = torch.optim.Adam(net.parameters(), lr=6e-3)
ce, mse = nn.CrossEntropyLoss(), nn.MSELoss()
EPOCHS = 5
train_dl = DataLoader(Orders(train_rows, vocab), 40, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(Orders(dev_rows, vocab), 300, collate_fn=collate)
sched = torch.optim.lr_scheduler.OneCycleLR(optim, 1e-2, total_steps=EPOCHS * len(train_dl))

for epoch in range(EPOCHS):
    net.train(); tot = 0
    for b in train_dl:
        a, c, q = net(b["ids"], b["len"])
        parts = torch.stack([ce(a, b["item"]), ce(c, b["city"]), .5 * mse(q, b["q"])])
        loss = (parts * torch.exp(-net.log_var) + .5 * net.log_var).sum()
        optim.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optim.step(); sched.step()
        tot += loss.item()
    net.eval()
    ok_i = ok_c = n = 0; err = []; var = []
    with torch.no_grad():
        for b in dev_dl:
            a, c, q = net(b["ids"], b["len"])
            ok_i += (a.argmax(1) == b["item"]).sum().item(); ok_c += (c.argmax(1) == b["city"]).sum().item()
            err.append((q - b["q"]) ** 2); var.append(b["q"]); n += len(q)
    r2 = 1 - torch.cat(err).mean() / torch.cat(var).var()
    print(f"epoch {epoch}: total {tot / len(train_dl):+.3f} | dev item {ok_i / n:.3f} city {ok_c / n:.3f} quantity R2 {r2:.3f} | log var {[round(x, 2) for x in net.log_var.tolist()]}")
