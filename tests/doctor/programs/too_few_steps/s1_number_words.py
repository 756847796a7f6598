"""Reading numbers aloud, backwards: 'four hundred and twelve' -> digits 4 1 2.

One GRU over the words, three classifiers (hundreds, tens, units).
"""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen").split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
MAX_LEN = 7


@dataclass
class Config:
    embed: int = 24
    hidden: int = 48
    batch_size: int = 64
    lr: float = 0.0015
    # fault:
    epochs: int = 2
    # mended:
    #epochs: int = 14
    # end
    seed: int = 17


def spell(n):
    words = []
    if n >= 100:
        words += [ONES[n // 100], "hundred"]
        n %= 100
        if n:
            words.append("and")
    if n >= 20:
        words.append(TENS[n // 10])
        n %= 10
    if n or not words:
        words.append(ONES[n])
    return words


OPENERS = [[], ["exactly"], ["about"], ["only"]]
vocab = {w: i + 1 for i, w in enumerate(sorted(
    set(ONES) | set(TENS[2:]) | {"hundred", "and"} | {w for o in OPENERS for w in o}))}


def encode(words):
    # padded on the left so that the last step is always a word
    ids = [vocab[w] for w in words]
    return [0] * (MAX_LEN - len(ids)) + ids


def tensors(numbers):
    x = [encode(o + spell(n)) for n in numbers for o in OPENERS]
    y = [[n // 100, n // 10 % 10, n % 10] for n in numbers for _ in OPENERS]
    return TensorDataset(torch.tensor(x), torch.tensor(y))


class Reader(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, cfg.embed, padding_idx=0)
        self.rnn = nn.GRU(cfg.embed, cfg.hidden, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(cfg.hidden, 10) for _ in range(3))

    def forward(self, x):
        _, h = self.rnn(self.embedding(x))
        return torch.stack([head(h[0]) for head in self.heads], dim=1)


def main():
    cfg = Config()
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)

    numbers = list(range(1000))
    random.shuffle(numbers)
    train, test = tensors(numbers[:800]), tensors(numbers[800:])
    loader = DataLoader(train, batch_size=cfg.batch_size, shuffle=True)

    model = Reader(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        total = 0.0
        for x, y in loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())
            loss.backward()
            opt.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            x, y = test.tensors
            match = model(x).argmax(-1) == y
        print(f"epoch {epoch:2d} loss {total / len(loader):.3f} test digits {match.float().mean():.3f} "
              f"numbers {match.all(1).float().mean():.3f}")


if __name__ == "__main__":
    main()
