"""Multi-label hazard tagging of recall notices.  Every label is rare (1 to 6 %), so the loss weights positives and the
score is macro average precision."""
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(54)
torch.manual_seed(54)
LABELS = ["fire", "choking", "laceration", "shock", "mould", "lead", "fall", "burn"]
RATE = [0.06, 0.05, 0.04, 0.03, 0.03, 0.02, 0.04, 0.05]
CUE = {l: [f"{l}{i}" for i in range(6)] for l in LABELS}
TEXT = [f"t{i}" for i in range(400)]
ids = {w: i + 1 for i, w in enumerate(TEXT + sum(CUE.values(), []))}


def notice():
    y = [float(random.random() < r) for r in RATE]
    ws = random.choices(TEXT, k=random.randint(6, 20))
    for l, v in zip(LABELS, y):
        if v and random.random() < 0.95:
            ws += random.choices(CUE[l], k=2)
    if random.random() < 0.06:
        ws.append(random.choice(CUE[random.choice(LABELS)]))
    random.shuffle(ws)
    return [ids[w] for w in ws], y


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.conv = nn.Conv1d(d, 64, 3, padding=1)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(64, len(LABELS)))
        nn.init.constant_(self.out[1].bias, -1.0)

    def forward(self, x):
        h = self.conv(self.emb(x).transpose(1, 2)).relu()
        h = h.masked_fill((x == 0)[:, None], 0)
        return self.out(h.amax(-1))


def average_precision(s, y):
    y = y[s.argsort(descending=True)]
    prec = y.cumsum(0) / torch.arange(1, len(y) + 1)
    return ((prec * y).sum() / y.sum()).item()


rows = [notice() for _ in range(6500)]
train, dev = rows[:5000], rows[5000:]
pos = torch.tensor([y for _, y in train]).mean(0)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=((1 - pos) / pos).sqrt())
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
dx, dy = collate(dev)
for epoch in range(8):
    net.train()
    run = 0.0
    for x, y in DataLoader(train, 64, shuffle=True, collate_fn=collate):
        loss = loss_fn(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    sched.step()
    net.eval()
    with torch.no_grad():
        s = net(dx)
    ap = [average_precision(s[:, k], dy[:, k]) for k in range(len(LABELS))]
    print(f"epoch {epoch} loss {run / 79:.3f} macro AP {sum(ap) / len(ap):.3f} (chance {dy.mean().item():.3f})")
