"""Invoice field tagging, time-major packed BiLSTM.  Nine in ten tokens are O, so the score is F1 over the fields."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence

random.seed(88)
torch.manual_seed(88)
LABELS = ["O", "NR", "DATE", "SUM", "VAT"]
TEXT = "we thank you for your order of the goods listed below please pay within days to our account without deduction delivery was made by parcel service in good condition all prices include packing terms and conditions apply see reverse side questions call customer desk".split()


def filler(n):
    return [(random.choice(TEXT) if random.random() < 0.85 else str(random.randint(1, 2500)), "O") for _ in range(n)]


def invoice():
    toks = filler(random.randint(4, 12))
    parts = []
    parts.append([(random.choice(["invoice", "bill"]), "O"), (random.choice(["no", "number", "nr"]), "O"), (random.choice("ABRK") + str(random.randint(1000, 99999)), "NR")])
    parts.append([(random.choice(["dated", "date", "from"]), "O"), ("%02d.%02d.20%02d" % (random.randint(1, 28), random.randint(1, 12), random.randint(10, 25)), "DATE")])
    parts.append([(random.choice(["total", "amount"]), "O"), (random.choice(["due", "eur", "is"]), "O"), ("%d.%02d" % (random.randint(5, 900), random.randint(0, 99)), "SUM")])
    if random.random() < 0.5:
        parts.append([("vat", "O"), (random.choice(["incl", "eur", "of"]), "O"), ("%d.%02d" % (random.randint(1, 150), random.randint(0, 99)), "VAT")])
    random.shuffle(parts)
    for p in parts:
        toks += p + filler(random.randint(3, 12))
    return [t for t, _ in toks], [LABELS.index(l) for _, l in toks]


def norm(t):
    return "".join("9" if c.isdigit() else c for c in t)


train, dev = [invoice() for _ in range(1200)], [invoice() for _ in range(250)]
vocab = {w: i + 1 for i, w in enumerate(sorted({norm(t) for ts, _ in train for t in ts}))}


def collate(rows):
    xs = [torch.tensor([vocab.get(norm(t), 0) for t in ts]) for ts, _ in rows]
    ys = [torch.tensor(l) for _, l in rows]
    return pack_sequence(xs, enforce_sorted=False), pack_sequence(ys, enforce_sorted=False)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24)
        self.drop = nn.Dropout(0.3)
        self.lstm = nn.LSTM(24, 32, bidirectional=True)
        self.out = nn.Linear(64, len(LABELS))

    def forward(self, px):
        e = self.drop(self.emb(px.data))
        o, _ = self.lstm(PackedSequence(e, px.batch_sizes, px.sorted_indices, px.unsorted_indices))
        return self.out(self.drop(o.data))            # one row per token, padding never exists


model = Tagger()
opt = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.5, total_steps=8 * 60)
crit = nn.CrossEntropyLoss()
share = sum(l.count(0) for _, l in dev) / sum(map(lambda r: len(r[1]), dev))
print("share of O %.3f" % share)
for epoch in range(1, 6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 20):
        px, py = collate(train[i:i + 20])
        loss = crit(model(px), py.data)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        opt.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        px, py = collate(dev)
        pred, gold = model(px).argmax(1), py.data
    tp = ((pred == gold) & (gold > 0)).sum().item()
    f1 = 2 * tp / max(1, ((pred > 0).sum() + (gold > 0).sum()).item())
    print("epoch %d loss %.4f accuracy %.4f field F1 %.4f" % (epoch, total / 60, (pred == gold).float().mean(), f1))
