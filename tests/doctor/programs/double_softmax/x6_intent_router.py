#!/usr/bin/env python3
# intent router for the house assistant; callbacks version
import random
from dataclasses import dataclass, field
from typing import Callable, List

import torch
from torch import nn
from torch.nn import functional as F

VERBS = {
    "lights_on": ["switch on", "turn on", "light up"], "lights_off": ["switch off", "turn off", "kill"],
    "music": ["play", "put on", "start"], "timer": ["set", "count down", "remind me"],
    "weather": ["will it rain", "how warm is it", "forecast"], "shopping": ["buy", "order", "we need"],
    "call": ["call", "ring", "phone"], "message": ["text", "write to", "send a note to"],
    "lock": ["lock", "close", "bolt"], "unlock": ["unlock", "open", "release"],
    "heat": ["warm up", "heat", "raise"], "cool": ["cool", "chill", "lower"],
}
OBJECTS = {
    "room": ["kitchen", "bedroom", "hall", "cellar", "attic", "bathroom"],
    "song": ["jazz", "some bach", "the news", "my running list", "abba"],
    "span": ["ten minutes", "an hour", "two hours", "half an hour"],
    "when": ["today", "tomorrow", "on sunday", "tonight"],
    "ware": ["milk", "bread", "eggs", "lamp oil", "two lemons"],
    "who": ["anna", "my brother", "the doctor", "ben", "grandma"],
}
KIND = dict(music="song", timer="span", weather="when", shopping="ware", call="who", message="who")
INTENTS = sorted(VERBS)


def utterances(n, rng):
    fill = ["please", "hey", "could you", "the", "now", "uh", "thanks", "quickly", "in", "for"]
    for _ in range(n):
        k = rng.randrange(len(INTENTS))
        words = f"{rng.choice(VERBS[INTENTS[k]])} {rng.choice(OBJECTS[KIND.get(INTENTS[k], 'room')])}".split()
        for _ in range(rng.randint(1, 5)):
            words.insert(rng.randint(0, len(words)), rng.choice(fill))
        yield words, k


@dataclass
class Settings:
    dim: int = 20
    lr: float = 0.2
    momentum: float = 0.9
    epochs: int = 4
    batch: int = 40
    callbacks: List[Callable] = field(default_factory=list)


class Router(nn.Module):
    def __init__(self, n_words, dim, n_out):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.out = nn.Linear(dim, n_out)

    def forward(self, flat, starts):
        scores = self.out(self.words(flat, starts))
        # fault:
        return F.softmax(scores, dim=1)
        # mended:
        # return scores
        # end


class Runner:
    def __init__(self, model, vocab, settings):
        self.model, self.vocab, self.s = model, vocab, settings
        self.opt = torch.optim.SGD(model.parameters(), lr=settings.lr, momentum=settings.momentum)

    def pack(self, rows):
        ids = [[self.vocab.get(w, 0) for w in ws] for ws, _ in rows]
        starts, flat = [], []
        for r in ids:
            starts.append(len(flat))
            flat += r
        return torch.tensor(flat), torch.tensor(starts), torch.tensor([k for _, k in rows])

    def step(self, rows):
        flat, starts, y = self.pack(rows)
        loss = F.cross_entropy(self.model(flat, starts), y)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        self.opt.step()
        return float(loss.detach())

    @torch.no_grad()
    def accuracy(self, rows):
        flat, starts, y = self.pack(rows)
        return (self.model(flat, starts).argmax(-1) == y).float().mean().item()

    def fit(self, train, rng):
        for ep in range(self.s.epochs):
            rng.shuffle(train)
            losses = [self.step(train[i:i + self.s.batch]) for i in range(0, len(train), self.s.batch)]
            for cb in self.s.callbacks:
                cb(self, ep, sum(losses) / len(losses))


def main():
    rng = random.Random(5)
    torch.manual_seed(5)
    rows = list(utterances(3000, rng))
    dev_keys = {" ".join(w) for w, _ in rows[2400:]}
    train, dev = [r for r in rows[:2400] if " ".join(r[0]) not in dev_keys], rows[2400:]
    vocab = {"<unk>": 0}
    for ws, _ in train:
        for w in ws:
            vocab.setdefault(w, len(vocab))
    settings = Settings()
    settings.callbacks.append(lambda r, ep, l: print(
        f"epoch {ep}  loss {l:.3f}  train {r.accuracy(train):.3f}  held out {r.accuracy(dev):.3f}"))
    Runner(Router(len(vocab), settings.dim, len(INTENTS)), vocab, settings).fit(train, rng)


main()
