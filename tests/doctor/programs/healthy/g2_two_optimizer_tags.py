# Multi-label tags of support notes. Sparse table and dense head have an optimizer each; rare tags get weight.
import random
import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
TAGS = {"billing": (0.40, "invoice refund charge price".split()),
        "bug": (0.25, "crash error freeze broken".split()),
        "security": (0.08, "phishing hacked leak breach".split())}
OTHER = [f"w{i}" for i in range(60)]
NAMES = list(TAGS)
table = {w: i for i, w in enumerate(OTHER + [w for _, ws in TAGS.values() for w in ws])}


def notes(n):
    for _ in range(n):
        y = [float(random.random() < TAGS[t][0]) for t in NAMES]
        ws = random.choices(OTHER, k=random.randint(3, 8))
        for t, on in zip(NAMES, y):
            if on and random.random() < 0.96:
                ws += random.choices(TAGS[t][1], k=2)
        random.shuffle(ws)
        yield [table[w] for w in ws], y


def to_batch(part):
    lens = torch.tensor([len(x) for x, _ in part])
    return (torch.tensor([i for x, _ in part for i in x]), lens.cumsum(0) - lens, torch.tensor([y for _, y in part]))


train, dev, test = list(notes(2400)), list(notes(500)), list(notes(800))
bag = nn.EmbeddingBag(len(table), 12, mode="sum", sparse=True)
nn.init.normal_(bag.weight, std=0.1)
head = nn.Linear(12, len(NAMES))
Y = torch.tensor([y for _, y in train])
crit = nn.BCEWithLogitsLoss(pos_weight=((1 - Y).sum(0) / Y.sum(0)).sqrt())
opts = [torch.optim.SparseAdam(list(bag.parameters()), lr=1e-2), torch.optim.Adam(head.parameters(), lr=1e-2)]


def evaluate(rows):
    with torch.no_grad():
        x, off, y = to_batch(rows)
        z = head(bag(x, off))
        p = (z > 0).float()
        tp = (p * y).sum(0)
        f1 = 2 * tp / (p.sum(0) + y.sum(0)).clamp(min=1)
        return crit(z, y).item(), f1


best, wait, keep = float("inf"), 0, None
for epoch in range(8):
    random.shuffle(train)
    tot = 0.0
    for a in range(0, len(train), 40):
        x, off, y = to_batch(train[a:a + 40])
        loss = crit(head(bag(x, off)), y)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        tot += loss.item() * len(y)
    dl, f1 = evaluate(dev)
    print(f"epoch {epoch} train {tot / len(train):.4f} dev {dl:.4f} F1", [round(v, 3) for v in f1.tolist()])
    if dl < best - 1e-3:
        best, wait, keep = dl, 0, [p.detach().clone() for p in (bag.weight, head.weight, head.bias)]
    else:
        wait += 1
        if wait == 2:
            break
with torch.no_grad():
    for p, k in zip((bag.weight, head.weight, head.bias), keep):
        p.copy_(k)
print("test F1", dict(zip(NAMES, [round(v, 3) for v in evaluate(test)[1].tolist()])))
