"""news tone service - trainer.  python yb_finnews_tone_classifier.py"""
import copy
import gzip
import io
import logging
import os
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, asdict

import torch
from sklearn.metrics import f1_score, accuracy_score
from torch import nn
from torch.utils.data import DataLoader

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("tone")


@dataclass
class Config:
    vectors: str = "vectors/glove.6B.50d.top10361.txt.gz"
    corpus: str = "sentiment/financial-phrasebank/Sentences_50Agree.txt"
    batch: int = 128
    filters: int = 12
    dropout: float = 0.2
    lr: float = 8e-3
    decay: float = 1e-3
    max_epochs: int = 7
    patience: int = 3
    seed: int = 5


cfg = Config()
log.info("config %s", asdict(cfg))
torch.manual_seed(cfg.seed)
base = os.environ["WORDFIT_DATA"]
words, vecs = {"<pad>": 0}, [[0.0] * 50]
with gzip.open(os.path.join(base, cfg.vectors), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.rstrip().split(" ")
        words[w] = len(vecs)
        vecs.append([float(x) for x in v])
table = torch.tensor(vecs)

NAMES = ["negative", "neutral", "positive"]
rows, seen = [], set()
with open(os.path.join(base, cfg.corpus), encoding="utf-8", newline="") as fh:
    for line in fh.read().split("\r\n"):
        if "@" not in line:
            continue
        text, tone = line.rsplit("@", 1)
        key = re.sub(r"[^a-z]+", " ", text.lower())      # boiler plate differing only in figures counts as one
        if key in seen:
            continue
        seen.add(key)
        toks = re.findall(r"[a-z]+|[.,%$]|\d+", text.lower())
        ids = [words[t] for t in toks if t in words]
        if ids:
            rows.append((ids, NAMES.index(tone.strip())))
perm = torch.randperm(len(rows)).tolist()
rows = [rows[i] for i in perm]
train, dev, test = rows[:3400], rows[3400:4000], rows[4000:]
freq = Counter(y for _, y in train)
log.info("train rows by tone %s; dev %d, test %d", dict(freq), len(dev), len(test))
weights = torch.tensor([(len(train) / (3 * freq[c])) ** 0.5 for c in range(3)])


def collate(batch):
    t = max(5, max(len(x) for x, _ in batch))
    ids = torch.zeros(len(batch), t, dtype=torch.long)
    for i, (x, _) in enumerate(batch):
        ids[i, :len(x)] = torch.tensor(x)
    return ids, torch.tensor([y for _, y in batch])


class ToneNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, cfg.filters, 3, padding=1)
        self.drop = nn.Dropout(cfg.dropout)
        self.out = nn.Linear(cfg.filters + 50, 3)

    def forward(self, ids):
        real = ids.ne(0).unsqueeze(-1)
        e = self.lookup(ids)
        h = torch.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        h = h.masked_fill(~real, 0.0).amax(1)            # relu outputs are never below 0
        mean = (e * real).sum(1) / real.sum(1)
        return self.out(self.drop(torch.cat([h, mean], 1)))


def predict(model, data):
    model.eval()
    gold, pred = [], []
    with torch.inference_mode():
        for ids, y in DataLoader(data, 256, collate_fn=collate):
            gold += y.tolist()
            pred += model(ids).argmax(1).tolist()
    return accuracy_score(gold, pred), f1_score(gold, pred, average="macro")


model = ToneNet()
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=cfg.decay)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.max_epochs)
crit = nn.CrossEntropyLoss(weight=weights)
ckpt = os.path.join(tempfile.mkdtemp(), "best.pt")
best, stale = -1.0, 0
loader = DataLoader(train, cfg.batch, shuffle=True, collate_fn=collate)
for epoch in range(cfg.max_epochs):
    model.train()
    total = 0.0
    for ids, y in loader:
        opt.zero_grad()
        loss = crit(model(ids), y)
        loss.backward()
        opt.step()
        total += loss.item() / len(loader)
    sched.step()
    acc, f1 = predict(model, dev)
    log.info("epoch %d loss %.3f dev acc %.3f macro-f1 %.3f", epoch, total, acc, f1)
    if f1 > best:
        best, stale = f1, 0
        torch.save(model.state_dict(), ckpt)
    else:
        stale += 1
        if stale >= cfg.patience:
            log.info("no gain for %d epochs, stopping", stale)
            break
model.load_state_dict(torch.load(ckpt))
for name, part in (("train", train), ("test", test)):
    log.info("%s accuracy %.3f macro-f1 %.3f", name, *predict(model, part))
