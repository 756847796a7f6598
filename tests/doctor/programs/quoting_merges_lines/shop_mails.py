import csv
import random
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

# ------------------------------------------------------------------ the export of the mail system
R = random.Random(31)
DEPTS = ["returns", "billing", "shipping", "advice"]
STEMS = ["cable", "lamp", "screen", "hinge", "battery", "charger", "frame", "shelf", "drawer", "mirror", "table",
         "keyboard", "tripod", "lens", "case", "printer", "router", "bracket", "faucet", "kettle"]
TOPIC = [[f"{a}{i}" for a in ("refund", "broken", "return", "crack", "replace", "wrong", "defect") for i in range(25)],
         [f"{a}{i}" for a in ("invoice", "charge", "vat", "payment", "card", "iban", "total") for i in range(25)],
         [f"{a}{i}" for a in ("parcel", "track", "courier", "late", "depot", "customs", "address") for i in range(25)],
         [f"{a}{i}" for a in ("which", "fits", "recommend", "compare", "manual", "size", "colour") for i in range(25)]]


def mail():
    d = R.randrange(4)
    words = R.choices(STEMS, k=R.randint(3, 6)) + R.choices(TOPIC[d], k=R.randint(1, 3))
    if R.random() < 0.3:
        words.append(R.choice(TOPIC[R.randrange(4)]))
    R.shuffle(words)
    text = " ".join(words)
    u = R.random()
    if u < 0.02:
        text = '"' + text
    elif u < 0.05:
        text = text + f' {R.choice([5, 7, 10, 24])}"'
    return text, DEPTS[d]


for name, n in (("mails_train.tsv", 2400), ("mails_dev.tsv", 700)):
    with open(name, "w", encoding="utf-8", newline="") as out:
        out.write("ticket\tsubject\tdepartment\n")
        for k in range(n):
            text, dep = mail()
            out.write(f"T{k:05d}\t{text}\t{dep}\n")


# ------------------------------------------------------------------ training
class Mails(Dataset):
    def __init__(self, path, vocab=None):
        with open(path, encoding="utf-8", newline="") as f:
            # fault:
            rows = list(csv.DictReader(f, delimiter="\t"))
            # mended:
            # rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
            # end
        rows = [r for r in rows if r["department"] in DEPTS]
        self.tokens = [r["subject"].split() for r in rows]
        self.labels = [DEPTS.index(r["department"]) for r in rows]
        if vocab is None:
            counts = Counter(t for ts in self.tokens for t in ts)
            vocab = {"<unk>": 0, **{t: i + 1 for i, (t, _) in enumerate(counts.most_common())}}
        self.vocab = vocab

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return [self.vocab.get(t, 0) for t in self.tokens[i]], self.labels[i]


def collate(items):
    flat = torch.tensor([t for ids, _ in items for t in ids])
    offs = torch.tensor([0] + [len(ids) for ids, _ in items[:-1]]).cumsum(0)
    return flat, offs, torch.tensor([y for _, y in items])


torch.manual_seed(31)
train = Mails("mails_train.tsv")
dev = Mails("mails_dev.tsv", train.vocab)
print("train", len(train), "dev", len(dev), "longest", max(map(len, train.tokens)))

bag = nn.EmbeddingBag(len(train.vocab), 40, mode="mean")
clf = nn.Sequential(nn.LayerNorm(40), nn.Dropout(0.3), nn.Linear(40, len(DEPTS)))
params = list(bag.parameters()) + list(clf.parameters())
opt = torch.optim.Adam(params, lr=8e-3)
for epoch in range(8):
    clf.train()
    loss_sum = 0.0
    for flat, offs, y in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(clf(bag(flat, offs)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
    clf.eval()
    hit = 0
    with torch.no_grad():
        for flat, offs, y in DataLoader(dev, 128, collate_fn=collate):
            hit += (clf(bag(flat, offs)).argmax(1) == y).sum().item()
    print(f"epoch {epoch} loss {loss_sum / len(train):.3f} dev {hit / len(dev):.3f}")
