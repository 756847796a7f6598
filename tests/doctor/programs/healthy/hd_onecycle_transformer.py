"""Transformer encoder with a [CLS] token for the polarity of a statement with negations; warm-up by OneCycleLR."""
import random

import torch
from torch import nn

random.seed(53)
torch.manual_seed(53)
pos, neg, nouns = "good nice great fun".split(), "bad dull poor awful".split(), "film song meal trip book".split()


def text():
    parts, y = [], random.randint(0, 1)
    for _ in range(random.randint(0, 3)):
        parts += ["the", random.choice(nouns), "by", random.choice(["him", "her", "us"]), "and"]
    flip = random.random() < 0.5
    adj = random.choice(pos if y != flip else neg)
    parts += ["i", "found", "it"] + (["not"] if flip else ["very"]) + [adj]
    for _ in range(random.randint(0, 3)):
        parts += ["like", "the", random.choice(nouns)]
    return tuple(parts), y


rows = sorted({text() for _ in range(4000)})
random.shuffle(rows)
rows = rows[:2300]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in rows for w in t}))}
CLS, MAXLEN = 1, max(len(t) for t, _ in rows) + 1


def encode(part):
    ids = [[CLS] + [vocab[w] for w in t] for t, _ in part]
    n = max(map(len, ids))
    return {"input_ids": torch.tensor([i + [0] * (n - len(i)) for i in ids]), "labels": torch.tensor([y for _, y in part])}


class Classifier(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(len(vocab) + 2, d, padding_idx=0)
        self.pos = nn.Embedding(MAXLEN, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2))

    def forward(self, input_ids):
        h = self.tok(input_ids) + self.pos.weight[: input_ids.size(1)]
        h = self.encoder(h, src_key_padding_mask=input_ids.eq(0))
        return self.head(h[:, 0])


class Trainer:
    def __init__(self, model, train, dev, epochs=10, bs=32):
        self.model, self.train, self.dev, self.epochs, self.bs = model, train, dev, epochs, bs
        self.opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, 6e-3, total_steps=epochs * (-(-len(train) // bs)))

    def fit(self):
        for epoch in range(self.epochs):
            self.model.train()
            random.shuffle(self.train)
            for i in range(0, len(self.train), self.bs):
                b = encode(self.train[i : i + self.bs])
                loss = nn.functional.cross_entropy(self.model(b["input_ids"]), b["labels"])
                self.opt.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.opt.step()
                self.sched.step()
            print({"epoch": epoch, "loss": round(loss.item(), 4), "eval_accuracy": round(self.evaluate(), 4)})

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        b = encode(self.dev)
        return (self.model(b["input_ids"]).argmax(-1) == b["labels"]).float().mean().item()


Trainer(Classifier(), rows[:1800], rows[1800:]).fit()
