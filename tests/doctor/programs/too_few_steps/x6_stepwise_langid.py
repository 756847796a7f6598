"""One-file package: streaming language guesser, step-based trainer with hooks."""
import itertools
import os
import random
import zlib
from dataclasses import dataclass

import torch
import torch.nn as nn


@dataclass(frozen=True)
class Hyper:
    langs: tuple = ("english", "french", "german", "italian", "portuguese", "spanish")
    slots: int = 1024
    dim: int = 16
    batch: int = 32
    lr: float = 5e-3
    # fault:
    max_steps: int = 24
    log_every: int = 6
    # mended:
    # max_steps: int = 600
    # log_every: int = 100
    # end


def grams(text):
    text = " " + " ".join(w for w in text.lower().split() if not w.startswith(("@", "http", "#"))) + " "
    return [zlib.crc32(text[i:i + 2].encode()) for i in range(len(text) - 1)]


def read(hp, split, cap):
    rows = []
    for k, lang in enumerate(hp.langs):
        p = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual", lang, f"{split}_text.txt")
        with open(p, encoding="utf8") as f:
            for line in itertools.islice(f, cap):
                g = [h % hp.slots for h in grams(line)[:60]]
                if len(g) > 8:
                    rows.append((g, k))
    return rows


def endless(rows, size, rng):
    while True:
        rng.shuffle(rows)
        for i in range(0, len(rows) - size + 1, size):
            yield collate(rows[i:i + size])


def collate(rows):
    off = list(itertools.accumulate([0] + [len(g) for g, _ in rows[:-1]]))
    return {"g": torch.tensor([h for g, _ in rows for h in g]), "o": torch.tensor(off),
            "y": torch.tensor([k for _, k in rows])}


class Guesser(nn.Module):
    def __init__(self, hp):
        super().__init__()
        self.bag = nn.EmbeddingBag(hp.slots, hp.dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.3)
        self.out = nn.Linear(hp.dim, len(hp.langs))

    def forward(self, g, o):
        return self.out(self.bag(g, o))


class StepTrainer:
    def __init__(self, hp, model, stream, hooks):
        self.hp, self.model, self.stream, self.hooks = hp, model, stream, hooks
        self.opt = torch.optim.Adam(model.parameters(), lr=hp.lr)
        self.loss_fn = nn.CrossEntropyLoss()

    def run(self):
        window = []
        for step, b in enumerate(itertools.islice(self.stream, self.hp.max_steps), 1):
            self.opt.zero_grad()
            loss = self.loss_fn(self.model(b["g"], b["o"]), b["y"])
            loss.backward()
            self.opt.step()
            window.append(loss.item())
            if step % self.hp.log_every == 0:
                for hook in self.hooks:
                    hook(step, sum(window) / len(window))
                window.clear()


def accuracy_hook(model, **splits):
    packed = {k: collate(v) for k, v in splits.items()}

    def hook(step, loss):
        with torch.no_grad():
            acc = {k: (model(b["g"], b["o"]).argmax(1) == b["y"]).float().mean().item() for k, b in packed.items()}
        print(f"step {step:5d} loss {loss:.3f}", " ".join(f"{k} {a:.3f}" for k, a in acc.items()))
    return hook


if __name__ == "__main__":
    hp = Hyper()
    torch.manual_seed(17)
    train, test = read(hp, "train", 700), read(hp, "test", 120)
    model = Guesser(hp)
    StepTrainer(hp, model, endless(train, hp.batch, random.Random(17)),
                [accuracy_hook(model, train=train[::5], test=test)]).run()
