"""Two heads on one encoder: the mood of a message (all rows) and its addressee (annotated for a part of the rows only)."""
import random

import numpy as np
import torch
from torch import nn

random.seed(18)
np.random.seed(18)
torch.manual_seed(18)

MOOD = [["glad", "fine", "great"], ["cross", "angry", "bad"], ["calm", "so-so", "well"]]
WHO = [["boss", "chief"], ["mum", "granny"], ["mate", "pal"], ["clerk", "officer"]]
NOISE = [f"n{i}" for i in range(40)]
ID = {w: i for i, w in enumerate(["-"] + sum(MOOD, []) + sum(WHO, []) + NOISE)}
NONE = -100


def record():
    m, w = random.randrange(3), random.randrange(4)
    words = [random.choice(MOOD[m]), random.choice(WHO[w])] + random.choices(NOISE, k=random.randint(4, 8))
    random.shuffle(words)
    return {"text": [ID[t] for t in words], "mood": m, "who": w if random.random() < 0.25 else NONE, "gold": w}


class Trainer:
    def __init__(self, train, dev, bs=8, lr=2e-3):
        self.train_rows, self.dev_rows, self.bs = train, dev, bs
        self.emb = nn.EmbeddingBag(len(ID), 32, padding_idx=0, mode="sum")
        self.body = nn.Sequential(nn.Linear(32, 64), nn.Tanh())
        self.heads = nn.ModuleDict({"mood": nn.Linear(64, 3), "who": nn.Linear(64, 4)})
        self.net = nn.ModuleList([self.emb, self.body, self.heads])
        self.opt = torch.optim.Adam(self.net.parameters(), lr=lr)
        self.ce = nn.CrossEntropyLoss(reduction="none")

    def encode(self, rows):
        longest = max(len(r["text"]) for r in rows)
        return self.body(self.emb(torch.tensor([r["text"] + [0] * (longest - len(r["text"])) for r in rows])))

    def loss(self, rows):
        h = self.encode(rows)
        mood = self.ce(self.heads["mood"](h), torch.tensor([r["mood"] for r in rows])).mean()
        who = torch.tensor([r["who"] for r in rows])
        given = (who != NONE).float()
        per_row = self.ce(self.heads["who"](h), who.clamp(min=0))
        # fault:
        return mood + (per_row * given).sum() / given.sum()
        # mended:
        # return mood + (per_row * given).sum() / given.sum().clamp(min=1)
        # end

    def epoch(self):
        random.shuffle(self.train_rows)
        history = []
        for i in range(0, len(self.train_rows), self.bs):
            loss = self.loss(self.train_rows[i : i + self.bs])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            history.append(loss.item())
        return float(np.mean(history))

    @torch.no_grad()
    def score(self):
        h = self.encode(self.dev_rows)
        return {k: (self.heads[k](h).argmax(1) == torch.tensor([r[g] for r in self.dev_rows])).float().mean().item() for k, g in (("mood", "mood"), ("who", "gold"))}


if __name__ == "__main__":
    rows = [record() for _ in range(1500)]
    t = Trainer(rows[300:], rows[:300])
    for e in range(5):
        print(e, "loss %.4f" % t.epoch(), "dev accuracy", {k: round(v, 3) for k, v in t.score().items()})
