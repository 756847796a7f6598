"""Two-tower retrieval: shop queries against catalogue titles, trained with in-batch negatives."""
import argparse
import math
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    n_topics: int = 40
    words_per_topic: int = 8
    dim: int = 48
    temperature: float = 0.1
    lr: float = 6e-3
    weight_decay: float = 0.01
    steps: int = 500
    warmup: int = 30
    seed: int = 17


class Catalogue:
    """Queries and titles speak of the same shelf with different words, both with filler words."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.rng = random.Random(cfg.seed)
        n = cfg.n_topics * cfg.words_per_topic
        self.query_words = [f"q{i}" for i in range(n)]
        self.title_words = [f"t{i}" for i in range(n)]
        self.filler = [f"x{i}" for i in range(80)]
        self.stoi = {w: i + 1 for i, w in enumerate(self.query_words + self.title_words + self.filler)}

    def text(self, words, topic):
        k = self.cfg.words_per_topic
        own = self.rng.sample(words[topic * k:(topic + 1) * k], self.rng.randint(3, 4))
        toks = own + self.rng.sample(self.filler, self.rng.randint(1, 3))
        self.rng.shuffle(toks)
        return tuple(self.stoi[t] for t in toks)

    def pairs(self, per_topic, forbidden=()):
        out = []
        for topic in range(self.cfg.n_topics):
            rows = []
            while len(rows) < per_topic:
                row = (self.text(self.query_words, topic), self.text(self.title_words, topic))
                if row[0] not in forbidden and row[1] not in forbidden:
                    rows.append(row)
            out.append(rows)
        return out


def collate(rows):
    width = max(map(len, rows))
    return torch.tensor([list(r) + [0] * (width - len(r)) for r in rows])


class Tower(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.proj = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1)
        pooled = (self.emb(ids) * mask).sum(1) / mask.sum(1)
        return F.normalize(self.norm(self.proj(pooled)), dim=-1)


class TwoTower(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.query_tower = Tower(n_words, dim)
        self.title_tower = Tower(n_words, dim)

    def forward(self, queries, titles):
        return self.query_tower(queries) @ self.title_tower(titles).t()


def parameter_groups(model, weight_decay):
    decay, plain = [], []
    for name, p in model.named_parameters():
        if name.endswith("proj.weight"):
            decay.append(p)
        # fault:
        elif name.endswith("bias") or "norm" in name:
        # mended:
        #elif name.endswith("bias") or "norm" in name or "emb" in name:
        # end
            plain.append(p)
    return [{"params": decay, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


class Trainer:
    def __init__(self, model, train, cfg):
        self.model, self.train_pairs, self.cfg = model, train, cfg
        self.opt = torch.optim.AdamW(parameter_groups(model, cfg.weight_decay), lr=cfg.lr)
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, self.factor)
        self.rng = random.Random(cfg.seed + 1)

    def factor(self, step):
        if step < self.cfg.warmup:
            return (step + 1) / self.cfg.warmup
        return 0.5 * (1 + math.cos(math.pi * step / self.cfg.steps))

    def fit(self):
        self.model.train()
        for step in range(self.cfg.steps):
            rows = [self.rng.choice(topic) for topic in self.train_pairs]
            logits = self.model(collate([r[0] for r in rows]), collate([r[1] for r in rows])) / self.cfg.temperature
            target = torch.arange(len(rows))
            loss = 0.5 * (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target))
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            self.sched.step()
            if (step + 1) % 100 == 0:
                print(f"step {step + 1}  loss {loss.item():.3f}")

    @torch.no_grad()
    def recall_at_1(self, pairs):
        self.model.eval()
        hits = total = 0
        for i in range(len(pairs[0])):
            scores = self.model(collate([t[i][0] for t in pairs]), collate([t[i][1] for t in pairs]))
            hits += (scores.argmax(1) == torch.arange(len(pairs))).sum().item()
            total += len(pairs)
        return hits / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=Config.steps)
    cfg = Config(steps=parser.parse_args().steps)
    torch.manual_seed(cfg.seed)
    shop = Catalogue(cfg)
    train = shop.pairs(120)
    seen = {text for topic in train for row in topic for text in row}
    dev = shop.pairs(10, forbidden=seen)
    trainer = Trainer(TwoTower(len(shop.stoi) + 1, cfg.dim), train, cfg)
    trainer.fit()
    print(f"train recall@1 {trainer.recall_at_1([t[:10] for t in train]):.3f}")
    print(f"dev recall@1 {trainer.recall_at_1(dev):.3f}  (chance {1 / cfg.n_topics:.3f})")


if __name__ == "__main__":
    main()
