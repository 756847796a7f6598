# Market headline direction (up / down) for the morning sheet.
# Word vectors: PPMI + SVD on our own unlabelled headline archive; the labelled ones are used to tune them further.
import random
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(23); np.random.seed(23); torch.manual_seed(23)

UP = "rises gains climbs jumps surges rallies advances soars rebounds firms strengthens beats tops lifts".split()
DOWN = "falls drops slides sinks tumbles slips retreats plunges declines softens weakens misses trails cuts".split()
FIRMS = [a + b for a in "acme nord helio tri omni vita luxo pan".split() for b in "corp bank oil tech rail foods".split()]
WHEN = "today overnight early late monday tuesday wednesday thursday friday quarterly annually sharply slightly".split()
WHY = "earnings guidance oil rates inflation demand exports layoffs merger strike dividend regulator outlook tariff".split()
GLUE = "on after as amid despite following over and".split()


def headline():
    up = random.random() < 0.5
    verb = random.choice(UP if up else DOWN)
    if random.random() < 0.06:                    # journalists are not consistent either
        verb = random.choice(UP + DOWN)
    h = [random.choice(FIRMS), verb, random.choice(WHEN), random.choice(GLUE), random.choice(WHY)]
    if random.random() < .5:
        h += [random.choice(GLUE), random.choice(WHY)]
    return h, int(up)


archive = [headline()[0] for _ in range(5000)]
labelled = [headline() for _ in range(3000)]
train, test = labelled[:2400], labelled[2400:]

vocab = {w: i for i, w in enumerate(sorted({w for h in archive for w in h} | {w for h, _ in labelled for w in h}))}


def ppmi_svd(sents, dim):
    M = np.zeros((len(vocab), len(vocab)))
    for s in sents:
        for i, a in enumerate(s):
            for b in s[max(0, i - 2):i] + s[i + 1:i + 3]:
                M[vocab[a], vocab[b]] += 1
    p = M / M.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi = np.log(p / np.outer(p.sum(1), p.sum(0)))
    pmi[~np.isfinite(pmi) | (pmi < 0)] = 0
    U, S, _ = np.linalg.svd(pmi)
    return torch.tensor(U[:, :dim] * np.sqrt(S[:dim]), dtype=torch.float32)


vectors = ppmi_svd(archive, 6)


class Direction(nn.Module):
    def __init__(self, vec):
        super().__init__()
        # fault:
        self.words = nn.EmbeddingBag.from_pretrained(vec, mode="mean")
        # mended:
        # self.words = nn.EmbeddingBag.from_pretrained(vec, mode="mean", freeze=False)
        # end
        self.dense = nn.Linear(vec.size(1), 16)
        self.up = nn.Linear(16, 1)

    def forward(self, flat, offsets):
        return self.up(torch.relu(self.dense(self.words(flat, offsets)))).view(-1)


def collate(batch):
    flat = [vocab[w] for h, _ in batch for w in h]
    offs = np.cumsum([0] + [len(h) for h, _ in batch])[:-1]
    return torch.tensor(flat), torch.tensor(offs), torch.tensor([y for _, y in batch], dtype=torch.float)


net = Direction(vectors)
# gentler steps for the vectors than for the layers on top
opt = torch.optim.Adam([{"params": net.words.parameters(), "lr": 5e-3},
                        {"params": net.dense.parameters()}, {"params": net.up.parameters()}], lr=1e-2)
bce = nn.BCEWithLogitsLoss()
loader = DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)

for epoch in range(6):
    tot = 0
    for flat, offs, y in loader:
        opt.zero_grad()
        loss = bce(net(flat, offs), y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    print("epoch %d  bce %.4f" % (epoch + 1, tot / len(train)))

net.eval()
with torch.no_grad():
    for name, rows in ("train", train), ("test", test):
        flat, offs, y = collate(rows)
        print(name, "direction right: %.3f" % ((net(flat, offs) > 0).float() == y).float().mean().item())
print("test labels:", Counter(y for _, y in test))
