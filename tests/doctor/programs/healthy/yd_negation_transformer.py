"""Polarity under negation with a very small pre-norm Transformer encoder ([CLS] pooling, sinusoidal positions).

"they would not avoid the tent" is praise; a bag of words has a harder time.
"""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)


@dataclass
class Config:
    dim: int = 32
    heads: int = 4
    layers: int = 2
    ff: int = 64
    dropout: float = 0.1
    lr: float = 2e-3
    epochs: int = 5
    batch: int = 40
    n_train: int = 2000
    n_dev: int = 400


cfg = Config()
GOOD, BAD = "love enjoy recommend adore praise cherish".split(), "hate regret avoid dislike curse loathe".split()
THINGS = "kettle jacket phone camera blender tent bike watch novel guitar pillow laptop toaster backpack boots".split()
WHO = "i we they everyone nurses teachers people customers".split()
TAIL = "after a week of daily use in the garden at work on every trip with kids for this price since last winter honestly so far again".split()
NOT, YES = ["do not", "never", "would not", "can not"], ["really", "do", "always", "would", "can"]


def sentence():
    good, neg = random.random() < 0.5, random.random() < 0.4
    words = [random.choice(WHO), *random.choice(NOT if neg else YES).split(), random.choice(GOOD if good else BAD),
             random.choice(["this", "the", "that"]), random.choice(THINGS), *random.sample(TAIL, random.randint(1, 6))]
    return " ".join(words), int(good != neg)


pool = {}
while len(pool) < cfg.n_train + cfg.n_dev:
    s, y = sentence()
    pool[s] = y
pool = list(pool.items())
train, dev = pool[:cfg.n_train], pool[cfg.n_train:]
PAD, CLS = 0, 1
vocab = {w: i + 2 for i, w in enumerate(sorted({w for s, _ in train for w in s.split()}))}
print(f"vocabulary {len(vocab)}, positive share {sum(y for _, y in train) / len(train):.3f}")


def to_batch(rows):
    seqs = [torch.tensor([CLS] + [vocab[w] for w in s.split()]) for s, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True, padding_value=PAD), torch.tensor([y for _, y in rows])


class Encoder(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.tok = nn.Embedding(len(vocab) + 2, c.dim, padding_idx=PAD)
        nn.init.normal_(self.tok.weight[2:].data, std=1.0)
        pos = torch.arange(64)[:, None] * torch.exp(torch.arange(0, c.dim, 2) * (-math.log(100.0) / c.dim))
        self.register_buffer("pe", torch.cat([pos.sin(), pos.cos()], 1), persistent=False)
        layer = nn.TransformerEncoderLayer(c.dim, c.heads, c.ff, c.dropout, activation="gelu", batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, c.layers, norm=nn.LayerNorm(c.dim), enable_nested_tensor=False)
        self.head = nn.Linear(c.dim, 2)

    def forward(self, ids):
        x = self.tok(ids) + self.pe[:ids.size(1)]
        return self.head(self.enc(x, src_key_padding_mask=ids.eq(PAD))[:, 0])


net = Encoder(cfg)
opt = torch.optim.AdamW(net.parameters(), lr=cfg.lr, weight_decay=0.01)
total = cfg.epochs * math.ceil(cfg.n_train / cfg.batch)
warm = total // 10
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / warm, 0.5 * (1 + math.cos(math.pi * min(1, s / total)))))
lossf = nn.CrossEntropyLoss(label_smoothing=0.05)
devx, devy = to_batch(dev)
for epoch in range(cfg.epochs):
    net.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), cfg.batch):
        x, y = to_batch(train[i:i + cfg.batch])
        loss = lossf(net(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        acc = (net(devx).argmax(1) == devy).float().mean().item()
    print(f"epoch {epoch}  loss {sum(losses) / len(losses):.3f}  dev accuracy {acc:.3f}")
