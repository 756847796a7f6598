# BiLSTM over e-mails. Batches are cut from the length-sorted list (little padding), then the batches are shuffled.
# In training about one word in twelve is replaced by <unk>, so the model learns what to do without it.
import random
from collections import Counter
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(17); torch.manual_seed(17)
ACT = "server login database website backup payroll printer network".split()
UP, DOWN = "down broken failing unreachable stuck".split(), "fine working stable restored ready".split()
FILL = ("hi all please note that the since this morning for some users in our office we checked and also thanks regards "
        "team update status about it yesterday again maybe later today").split()
NAMES = ["%s%s" % (a, b) for a in "ka lo mi ra su te no vi".split() for b in "ren lin mar tos dek".split()]


def mail():
    urgent = random.random() < .5
    t = random.choices(FILL, k=random.randint(3, 22)) + random.choices(NAMES, k=2)
    bad = random.random() < .5
    core = [random.choice(ACT), "is"]
    if urgent:
        core += ["not", random.choice(DOWN)] if bad else [random.choice(UP)]
    else:
        core += ["not", random.choice(UP)] if bad else [random.choice(DOWN)]
    k = random.randint(0, len(t))
    return t[:k] + core + t[k:], int(urgent)


rows = {}
while len(rows) < 3000:
    t, y = mail()
    rows[tuple(t)] = y
rows = list(rows.items()); random.shuffle(rows)
train, dev = rows[:2400], rows[2400:]
freq = Counter(w for t, _ in train for w in t)
stoi = {w: i + 2 for i, (w, c) in enumerate(freq.most_common()) if c > 1}


def buckets(data, size):
    order = sorted(range(len(data)), key=lambda i: len(data[i][0]) + random.random())
    cuts = [order[i:i + size] for i in range(0, len(order), size)]
    random.shuffle(cuts)
    for c in cuts:
        yield [data[i] for i in c]


def tensors(batch, p_unk=0.0):
    xs = [torch.tensor([1 if random.random() < p_unk else stoi.get(w, 1) for w in t]) for t, _ in batch]
    return pad_sequence(xs), torch.tensor([len(x) for x in xs]), torch.tensor([float(y) for _, y in batch])


class Mailer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 2, 32, padding_idx=0)
        self.rnn = nn.LSTM(32, 32, bidirectional=True)
        self.out = nn.Linear(64, 1)

    def forward(self, x, n):
        _, (h, _) = self.rnn(pack_padded_sequence(self.emb(x), n, enforce_sorted=False))
        return self.out(torch.cat([h[0], h[1]], -1)).squeeze(-1)


net = Mailer()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(6):
    net.train(); tot = steps = 0
    for b in buckets(train, 50):
        x, n, y = tensors(b, 0.08)
        loss = lossf(net(x, n), y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); tot += loss.item(); steps += 1
    net.eval()
    with torch.no_grad():
        acc = {}
        for name, part in (("train", train[:600]), ("dev", dev)):
            ok = 0
            for b in buckets(part, 200):
                x, n, y = tensors(b)
                ok += ((net(x, n) > 0) == (y > .5)).sum().item()
            acc[name] = ok / len(part)
    print(f"epoch {epoch} loss {tot / steps:.4f} train acc {acc['train']:.4f} dev acc {acc['dev']:.4f}")
