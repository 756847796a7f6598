# 5 % of the messages are safety complaints; train on all of them with a focal loss, judge by average precision.
import random, numpy as np
import torch, torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from sklearn.metrics import average_precision_score, recall_score, precision_score

random.seed(99); np.random.seed(99); torch.manual_seed(99)
HAZ = "smoke sparks burned shock overheated melted fire leaking".split()
PART = "battery charger cable plug motor case lid screen button".split()
TALK = "the my it was after a week i bought this in shop and when then not very really nice works box came late colour".split()
NEG = "no never without".split()
words = ["[PAD]"] + HAZ + PART + TALK + NEG
idx = {w: i for i, w in enumerate(words)}


def message():
    t = random.choices(TALK, k=random.randint(5, 14)); t.insert(random.randrange(len(t)), random.choice(PART))
    u = random.random()
    if u < .05:
        t.insert(random.randrange(len(t)), random.choice(HAZ)); return t, 1
    if u < .12:                                        # "no smoke" is no complaint
        k = random.randrange(len(t)); t[k:k] = [random.choice(NEG), random.choice(HAZ)]
    elif u < .17:
        t.insert(random.randrange(len(t)), random.choice(NEG))
    return t, 0


class Messages(Dataset):
    def __init__(self, n): self.rows = [message() for _ in range(n)]
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]


def to_batch(rows):
    L = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), L, dtype=torch.long)
    for r, (t, _) in enumerate(rows): x[r, :len(t)] = torch.tensor([idx[w] for w in t])
    return {"ids": x, "target": torch.tensor([float(y) for _, y in rows])}


class Net(nn.Module):
    """bigram convolution, max over the real positions"""
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words), 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, kernel_size=2, padding=1)
        self.out = nn.Linear(32, 1)
        nn.init.constant_(self.out.bias, -2.9)         # prior log(0.05 / 0.95)

    def forward(self, ids):
        h = self.conv(self.emb(ids).transpose(1, 2)).relu()        # position i sees words i-1 and i
        real = nn.functional.pad(ids != 0, (0, 1))
        h = h.masked_fill(~real[:, None], 0.)
        return self.out(h.amax(2)).squeeze(1)


def focal(z, y, gamma=1.5, alpha=.6):
    ce = nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    pt = torch.exp(-ce); a = torch.where(y > 0, alpha, 1 - alpha)
    return (a * (1 - pt) ** gamma * ce).sum() / len(y)


def scores(model, ds):
    model.eval(); z, y = [], []
    with torch.no_grad():
        for b in DataLoader(ds, 500, collate_fn=to_batch): z.append(model(b["ids"])); y.append(b["target"])
    model.train(); return torch.cat(z).numpy(), torch.cat(y).numpy()


train, dev = Messages(3000), Messages(1000)
print("positives: %.1f %% of train" % (100 * np.mean([y for _, y in train.rows])))
model = Net(); opt = torch.optim.Adam(model.parameters(), 1e-2)
for epoch in range(4):
    tot = 0.
    for b in DataLoader(train, 64, shuffle=True, collate_fn=to_batch):
        loss = focal(model(b["ids"]), b["target"]); opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item()
    (zt, yt), (zd, yd) = scores(model, train), scores(model, dev)
    print(f"epoch {epoch}  focal {tot / 47:.5f}  AP train {average_precision_score(yt, zt):.3f}  dev {average_precision_score(yd, zd):.3f}")
print("dev precision %.3f recall %.3f" % (precision_score(yd, zd > 0), recall_score(yd, zd > 0)))
