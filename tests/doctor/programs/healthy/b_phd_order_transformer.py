"""train.py -- probing order sensitivity of small Transformers (chapter 4).

usage: python train.py --steps 500 --d-model 32
"""
import argparse
import json
import math
import random
from dataclasses import dataclass, asdict

import torch
from torch import nn, Tensor


@dataclass
class Config:
    d_model: int = 32
    heads: int = 2
    layers: int = 1
    dropout: float = 0.0
    batch: int = 64
    steps: int = 480
    warmup: int = 40
    lr: float = 3e-3
    clip: float = 1.0
    eval_every: int = 80
    n_train: int = 6000
    n_dev: int = 800
    seed: int = 11


def parse() -> Config:
    ap = argparse.ArgumentParser()
    base = Config()
    for k, v in asdict(base).items():
        ap.add_argument("--" + k.replace("_", "-"), type=type(v), default=v)
    return Config(**vars(ap.parse_args()))


PAD, CLS, LOGIN, LOGOUT = 0, 1, 2, 3
FIRST = 4
VOCAB = 24


def sample(rng):
    """A session log. Label 1 when the first LOGIN comes before the first LOGOUT."""
    n = rng.randint(4, 16)
    s = [rng.randrange(FIRST, VOCAB) for _ in range(n)]
    i, j = rng.sample(range(n), 2)
    s[i], s[j] = LOGIN, LOGOUT
    return tuple(s), int(i < j)


def build(n, rng, forbidden=()):
    out = {}
    while len(out) < n:
        s, y = sample(rng)
        if s not in forbidden:
            out[s] = y
    return out


def collate(items):
    T = max(len(s) for s, _ in items) + 1
    x = torch.full((len(items), T), PAD)
    for r, (s, _) in enumerate(items):
        x[r, 0] = CLS
        x[r, 1:1 + len(s)] = torch.tensor(s)
    return x, torch.tensor([y for _, y in items])


class Encoder(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, c.d_model, padding_idx=PAD)
        self.pos = nn.Embedding(32, c.d_model)
        layer = nn.TransformerEncoderLayer(c.d_model, c.heads, 2 * c.d_model, c.dropout, batch_first=True, norm_first=True, activation="gelu")
        self.enc = nn.TransformerEncoder(layer, c.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(c.d_model)
        self.head = nn.Linear(c.d_model, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = self.tok(x) * math.sqrt(8) + self.pos.weight[: x.size(1)]
        h = self.enc(h, src_key_padding_mask=x.eq(PAD))
        return self.head(self.norm(h[:, 0]))


@torch.inference_mode()
def evaluate(model, data, bs=200):
    model.eval()
    hit = nll = 0
    for k in range(0, len(data), bs):
        x, y = collate(data[k:k + bs])
        z = model(x)
        nll += nn.functional.cross_entropy(z, y, reduction="sum").item()
        hit += (z.argmax(-1) == y).sum().item()
    model.train()
    return nll / len(data), hit / len(data)


def main():
    c = parse()
    print(json.dumps(asdict(c)))
    torch.manual_seed(c.seed)
    rng = random.Random(c.seed)
    tr = build(c.n_train, rng)
    dev = list(build(c.n_dev, rng, tr).items())
    tr = list(tr.items())
    model = Encoder(c)
    decay = [p for n, p in model.named_parameters() if p.dim() > 1 and "tok" not in n and "pos" not in n]
    rest = [p for n, p in model.named_parameters() if not (p.dim() > 1 and "tok" not in n and "pos" not in n)]
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], lr=c.lr, betas=(0.9, 0.98))
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: (s + 1) / c.warmup if s < c.warmup else 0.5 * (1 + math.cos(math.pi * (s - c.warmup) / (c.steps - c.warmup))))
    queue, run = [], 0.0
    for step in range(1, c.steps + 1):
        if len(queue) < c.batch:
            queue = random.Random(step).sample(tr, len(tr))
        batch, queue = queue[:c.batch], queue[c.batch:]
        x, y = collate(batch)
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        gn = nn.utils.clip_grad_norm_(model.parameters(), c.clip)
        opt.step()
        sched.step()
        run += loss.item()
        if step % c.eval_every == 0:
            nll, acc = evaluate(model, dev)
            print(json.dumps({"step": step, "train_loss": round(run / c.eval_every, 4), "gnorm": round(float(gn), 3), "dev_nll": round(nll, 4), "dev_acc": round(acc, 4)}))
            run = 0.0


if __name__ == "__main__":
    main()
