# Phishing e-mails: 7 % positives, EmbeddingBag with offsets, judged by F1 and average precision
import random, math
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from sklearn.metrics import average_precision_score, f1_score

rnd = random.Random(99)
torch.manual_seed(99)

work = "meeting agenda minutes attached budget project report friday slides review team lunch office plan quarter draft comments schedule call notes client feedback travel room printer".split()
bait = "verify account suspended click link immediately winner prize wire transfer bitcoin password expire confirm identity urgent gift card".split()
glue = "the a to of and please we you your is are for this on with in it from will be can have".split()


def mail(bad):
    n = rnd.randint(8, 30)
    out = []
    for _ in range(n):
        r = rnd.random()
        if r < 0.5:
            out.append(rnd.choice(glue))
        elif bad and r < 0.68:
            out.append(rnd.choice(bait))
        elif not bad and r < 0.515:
            out.append(rnd.choice(bait))
        else:
            out.append(rnd.choice(work))
    return out


def corpus(n):
    rows = []
    for _ in range(n):
        y = int(rnd.random() < 0.07)
        rows.append((mail(y == 1), y))
    return rows


train, dev = corpus(3000), corpus(1000)
vocab = {w: i for i, w in enumerate(sorted({w for m, _ in train for w in m}))}
print("phishing share: train %.3f dev %.3f" % (np.mean([y for _, y in train]), np.mean([y for _, y in dev])))


def collate(batch):
    ids, offsets = [], [0]
    for m, _ in batch:
        ids += [vocab[w] for w in m if w in vocab]
        offsets.append(len(ids))
    return torch.tensor(ids), torch.tensor(offsets[:-1]), torch.tensor([float(y) for _, y in batch])


class BagDetector(nn.Module):
    def __init__(self, size, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, mode="mean")
        self.fc = nn.Linear(dim, 1)

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets)).squeeze(1)


model = BagDetector(len(vocab))
n_pos = sum(y for _, y in train)
# a missed phish costs more than a false alarm, so positives weigh a bit more (not the full ratio)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(math.sqrt((len(train) - n_pos) / n_pos)))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.5, patience=1)
tl = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
el = DataLoader(train, batch_size=500, collate_fn=collate)
dl = DataLoader(dev, batch_size=500, collate_fn=collate)


def evaluate(loader):
    model.eval()
    p, g = [], []
    with torch.no_grad():
        for ids, off, y in loader:
            p.append(torch.sigmoid(model(ids, off)))
            g.append(y)
    p, g = torch.cat(p).numpy(), torch.cat(g).numpy()
    return f1_score(g, p > 0.5), average_precision_score(g, p)


for epoch in range(8):
    model.train()
    s = 0.0
    for ids, off, y in tl:
        opt.zero_grad()
        loss = loss_fn(model(ids, off), y)
        loss.backward()
        opt.step()
        s += loss.item()
    tf, ta = evaluate(el)
    df, da = evaluate(dl)
    sched.step(da)
    print(f"epoch {epoch + 1}  loss {s / len(tl):.4f}  train F1 {tf:.3f} AP {ta:.3f}  dev F1 {df:.3f} AP {da:.3f}")
