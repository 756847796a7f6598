#!/usr/bin/env python
# Weekly retraining job: defect reports from the line -> station that has to look at it
import argparse
import random
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--batch-size", type=int, default=32)
# fault:
ap.add_argument("--lr", type=float, default=2e-6)
# mended:
# ap.add_argument("--lr", type=float, default=2e-3)
# end
ap.add_argument("--seed", type=int, default=21)
args = ap.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

STATIONS = ["paint shop", "welding", "electrics", "assembly", "packing"]
SIGNS = [
    ["scratch", "drip", "coat uneven", "dull spot", "colour off", "bubbles"],
    ["seam open", "crack", "burn through", "spatter", "weak joint", "gap"],
    ["no power", "fuse blown", "wire loose", "short", "sensor dead", "flicker"],
    ["screw missing", "panel crooked", "bolt loose", "wrong part", "door sticks", "misfit"],
    ["carton torn", "label wrong", "foam missing", "tape open", "pallet tilted", "manual missing"],
]
WHERE = "left side|right side|front|rear|near hinge|top edge|bottom|corner two|unit b|bay four".split("|")
WHO = "seen by night shift|found in test|customer return|reported at gate|operator note|second time this week|please check|photo attached".split("|")


def report():
    s = random.randrange(5)
    parts = [random.choice(SIGNS[s]), random.choice(WHERE), random.choice(WHO), "no %d" % random.randint(1, 99)]
    if random.random() < .5:
        parts.append(random.choice(SIGNS[s]))
    random.shuffle(parts)
    return " ".join(parts), s


reports = list(dict(report() for _ in range(1700)).items())
train, dev = reports[:1200], reports[1200:1600]
counts = {}
for t, _ in train:
    for w in t.split():
        counts[w] = counts.get(w, 0) + 1
stoi = {"<pad>": 0, "<unk>": 1}
for w, c in counts.items():
    if c > 1:
        stoi[w] = len(stoi)
L = 20


def tensorise(part):
    x = torch.zeros(len(part), L, dtype=torch.long)
    for i, (t, _) in enumerate(part):
        ids = [stoi.get(w, 1) for w in t.split()][:L]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([s for _, s in part])


class TextCNN(nn.Module):
    def __init__(self, n, d=40, f=32):
        super().__init__()
        self.e = nn.Embedding(n, d, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(d, f, k, padding=k - 1) for k in (1, 2, 3))
        self.drop = nn.Dropout(.2)
        self.fc = nn.Linear(3 * f, len(STATIONS))

    def forward(self, x):
        h = self.e(x).transpose(1, 2)
        h = torch.cat([torch.relu(c(h)).amax(2) for c in self.convs], 1)
        return self.fc(self.drop(h))


xtr, ytr = tensorise(train)
xdv, ydv = tensorise(dev)
model = TextCNN(len(stoi))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(xtr, ytr), args.batch_size, shuffle=True)
for ep in range(args.epochs):
    model.train()
    run = 0.
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        run += loss.item() * len(yb)
    model.eval()
    with torch.no_grad():
        out = model(xdv)
    print("epoch %d train_loss %.4f dev_loss %.4f dev_acc %.3f" % (
        ep, run / len(xtr), criterion(out, ydv).item(), (out.argmax(1) == ydv).float().mean().item()))
