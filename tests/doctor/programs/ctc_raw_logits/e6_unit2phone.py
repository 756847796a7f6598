"""Phone recognition from discrete acoustic units (HuBERT-style cluster ids) with a small BiGRU and CTC."""
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


@dataclass
class Cfg:
    n_units: int = 60
    n_phones: int = 14
    hidden: int = 40
    emb: int = 32
    batch: int = 40
    epochs: int = 6
    lr: float = 6e-3
    n_train: int = 1200
    n_dev: int = 150
    seed: int = 11


cfg = Cfg()
random.seed(cfg.seed)
np.random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

BLANK = 0
PAD_UNIT = 0
# every phone is realised as an onset unit and a steady unit, each with some allophones
onset = {p: np.random.choice(np.arange(1, 31), 2, replace=False) for p in range(1, cfg.n_phones + 1)}
steady = {p: np.random.choice(np.arange(31, cfg.n_units + 1), 2, replace=False) for p in range(1, cfg.n_phones + 1)}


def utter():
    phones, units = [], []
    for _ in range(random.randint(3, 5)):
        p = random.randint(1, cfg.n_phones)
        phones.append(p)
        units.append(int(random.choice(onset[p])))
        s = int(random.choice(steady[p]))
        for _ in range(random.randint(1, 3)):
            units.append(s if random.random() > .03 else random.randint(1, cfg.n_units))
    return units, phones


corpus, seen = [], set()
while len(corpus) < cfg.n_train + cfg.n_dev:
    u, p = utter()
    if tuple(u) not in seen:
        seen.add(tuple(u))
        corpus.append((u, p))
train, dev = corpus[:cfg.n_train], corpus[cfg.n_train:]


def collate(rows):
    ulen = torch.tensor([len(u) for u, _ in rows])
    plen = torch.tensor([len(p) for _, p in rows])
    x = torch.full((len(rows), int(ulen.max())), PAD_UNIT)
    for i, (u, _) in enumerate(rows):
        x[i, :len(u)] = torch.tensor(u)
    y = torch.tensor([q for _, p in rows for q in p])
    return x, ulen, y, plen


class Recognizer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.emb = nn.Embedding(c.n_units + 1, c.emb, padding_idx=PAD_UNIT)
        self.rnn = nn.GRU(c.emb, c.hidden, bidirectional=True, batch_first=True)
        self.proj = nn.Linear(2 * c.hidden, c.n_phones + 1)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.proj(h)


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]


@torch.no_grad()
def per(model, rows):
    model.eval()
    err = tot = 0
    for i in range(0, len(rows), 75):
        part = rows[i:i + 75]
        x, ul, _, _ = collate(part)
        best = model(x, ul).argmax(-1)
        for k, (_, ref) in enumerate(part):
            path = best[k, :ul[k]].tolist()
            hyp = [s for t, s in enumerate(path) if s != BLANK and (t == 0 or s != path[t - 1])]
            err += edit(hyp, ref)
            tot += len(ref)
    model.train()
    return err / tot


model = Recognizer(cfg)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs * (cfg.n_train // cfg.batch))
for ep in range(cfg.epochs):
    random.shuffle(train)
    total = 0.
    for i in range(0, cfg.n_train, cfg.batch):
        x, ul, y, pl = collate(train[i:i + cfg.batch])
        logits = model(x, ul)
        # fault:
        emissions = logits.transpose(0, 1)
        # mended:
        #emissions = F.log_softmax(logits, dim=-1).transpose(0, 1)
        # end
        loss = F.ctc_loss(emissions, y, ul, pl, blank=BLANK, zero_infinity=True)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step()
        sched.step()
        total += loss.item()
    print(f"epoch {ep} ctc {total / (cfg.n_train // cfg.batch):.3f} dev PER {per(model, dev):.3f}")
print(f"final: train PER {per(model, train[:150]):.3f}  dev PER {per(model, dev):.3f}")
