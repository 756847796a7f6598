"""Language model over kitchen instructions; the vocabulary is extended by the special marks before training."""
import math
import random
from dataclasses import dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F

VERBS = {"chop": "veg", "slice": "veg", "peel": "veg", "melt": "fat", "whisk": "egg", "beat": "egg", "boil": "grain", "rinse": "grain"}
NOUNS = {"veg": ["onion", "carrot", "leek", "celery", "turnip"], "fat": ["butter", "lard", "ghee"],
         "egg": ["egg", "yolk", "white", "cream"], "grain": ["rice", "barley", "oats", "millet"]}
PLACE = {"veg": "board", "fat": "pan", "egg": "bowl", "grain": "pot"}
UNITS = {"veg": "pieces", "fat": "spoons", "egg": "cups", "grain": "grams"}
NUMBERS = ["one", "two", "three", "four"]


def sentence(rng):
    verb = rng.choice(list(VERBS))
    kind = VERBS[verb]
    out = [verb, rng.choice(NUMBERS), UNITS[kind], "of", rng.choice(NOUNS[kind]), "in", "the", PLACE[kind]]
    if rng.random() < 0.5:
        verb2 = rng.choice(list(VERBS))
        kind2 = VERBS[verb2]
        out += ["then", verb2, "the", rng.choice(NOUNS[kind2]), "in", "the", PLACE[kind2]]
    return out


@dataclass
class LMConfig:
    dim: int = 32
    hidden: int = 64
    dropout: float = 0.1
    lr: float = 8e-3
    epochs: int = 6
    batch: int = 64
    specials: list = field(default_factory=lambda: ["<pad>", "<s>", "</s>"])


class RecipeLM(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.tokens = nn.Embedding(n_words, cfg.dim)
        self.rnn = nn.GRU(cfg.dim, cfg.hidden, batch_first=True)
        self.drop = nn.Dropout(cfg.dropout)
        self.lm_head = nn.Linear(cfg.hidden, n_words)

    def resize_vocabulary(self, n_words):
        """Grow the input table and the output layer, keeping the rows that are there."""
        old_table, old_head = self.tokens, self.lm_head
        self.tokens = nn.Embedding(n_words, old_table.embedding_dim)
        self.lm_head = nn.Linear(old_head.in_features, n_words)
        with torch.no_grad():
            self.tokens.weight[:old_table.num_embeddings] = old_table.weight
            self.lm_head.weight[:old_head.out_features] = old_head.weight
            self.lm_head.bias[:old_head.out_features] = old_head.bias

    def forward(self, ids):
        out, _ = self.rnn(self.drop(self.tokens(ids)))
        return self.lm_head(self.drop(out))


class LMTrainer:
    def __init__(self, model, cfg, stoi):
        self.model, self.cfg, self.stoi = model, cfg, dict(stoi)
        # fault:
        self.build_optimizer()
        self.add_specials()
        # mended:
        #self.add_specials()
        #self.build_optimizer()
        # end

    def build_optimizer(self):
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.cfg.lr, weight_decay=0.01)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, self.cfg.epochs)

    def add_specials(self):
        for mark in self.cfg.specials:
            self.stoi.setdefault(mark, len(self.stoi))
        self.pad = self.stoi["<pad>"]
        self.model.resize_vocabulary(len(self.stoi))

    def batch(self, rows):
        coded = [[self.stoi["<s>"]] + [self.stoi[w] for w in r] + [self.stoi["</s>"]] for r in rows]
        width = max(map(len, coded))
        ids = torch.tensor([r + [self.pad] * (width - len(r)) for r in coded])
        return ids[:, :-1], ids[:, 1:]

    def loss(self, logits, target):
        return F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=self.pad)

    def fit(self, train, dev):
        for epoch in range(self.cfg.epochs):
            random.shuffle(train)
            self.model.train()
            for i in range(0, len(train), self.cfg.batch):
                x, y = self.batch(train[i:i + self.cfg.batch])
                loss = self.loss(self.model(x), y)
                self.model.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()
            self.scheduler.step()
            print("epoch %d  dev perplexity %.3f  next word %.3f" % ((epoch + 1,) + self.evaluate(dev)))

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        x, y = self.batch(rows)
        logits, real = self.model(x), y != self.pad
        hit = (logits.argmax(-1)[real] == y[real]).float().mean().item()
        return math.exp(self.loss(logits, y).item()), hit


if __name__ == "__main__":
    random.seed(8)
    torch.manual_seed(8)
    corpus = list({" ".join(sentence(random)) for _ in range(4200)})
    corpus.sort()
    random.shuffle(corpus)
    corpus = [line.split() for line in corpus]
    train, dev = corpus[400:], corpus[:400]
    stoi = {w: i for i, w in enumerate(sorted({w for line in train for w in line}))}
    cfg = LMConfig()
    trainer = LMTrainer(RecipeLM(len(stoi), cfg), cfg, stoi)
    print(f"{len(train)} training lines, {len(trainer.stoi)} words")
    trainer.fit(train, dev)
    print("train perplexity %.3f next word %.3f" % trainer.evaluate(train[:400]))
    print("dev perplexity %.3f next word %.3f" % trainer.evaluate(dev))
