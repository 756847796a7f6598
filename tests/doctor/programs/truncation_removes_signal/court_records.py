"""Outcome of a hearing from its record. Transformer encoder, one class token."""
from dataclasses import dataclass
import random

import torch
from torch import nn


@dataclass
class Config:
    # fault:
    max_len: int = 14
    # mended:
    # max_len: int = 40
    # end
    dim: int = 32
    heads: int = 4
    lr: float = 2e-3
    batch: int = 32
    epochs: int = 6
    seed: int = 88


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)
HEADER = "the district court sitting in open session with judge {} and clerk {} heard the matter of {} against {}".split()
PEOPLE = "adams baker clark davies evans foster green harris irving jones king lewis moore".split()
BODY = "counsel witness argued produced letter statement cited contract rent wall fence noise repair deposit notice".split()
OUTCOME = [
    "claim dismissed no order".split(),
    "claim upheld damages awarded".split(),
    "matter adjourned new date".split(),
]


def record():
    y = random.randrange(3)
    text = [random.choice(PEOPLE) if t == "{}" else t for t in HEADER]
    text += random.choices(BODY, k=random.randint(6, 14))
    text += random.sample(OUTCOME[y], 2)
    return text, y


rows = [record() for _ in range(1100)]
words = sorted(set(HEADER + PEOPLE + BODY + sum(OUTCOME, [])))
ids = {w: i + 2 for i, w in enumerate(words)}  # 0 pad, 1 class token


def batchify(rows):
    seqs = [[1] + [ids[w] for w in t][: cfg.max_len] for t, _ in rows]
    width = max(map(len, seqs))
    x = torch.tensor([s + [0] * (width - len(s)) for s in seqs])
    return x, x == 0, torch.tensor([y for _, y in rows])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(len(ids) + 2, cfg.dim, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(64, cfg.dim) * 0.1)
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 64, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 1)
        self.cls = nn.Linear(cfg.dim, 3)

    def forward(self, x, pad):
        h = self.tok(x) + self.pos[: x.size(1)]
        return self.cls(self.layers(h, src_key_padding_mask=pad)[:, 0])


model = Encoder()
opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
train, dev = rows[:900], rows[900:]
for epoch in range(cfg.epochs):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), cfg.batch):
        x, pad, y = batchify(train[i : i + cfg.batch])
        loss = nn.functional.cross_entropy(model(x, pad), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, pad, y = batchify(dev)
        acc = (model(x, pad).argmax(-1) == y).float().mean().item()
    print(f"epoch {epoch} train loss {total / len(train):.4f} dev accuracy {acc:.3f}")
