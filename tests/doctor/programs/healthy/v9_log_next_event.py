"""Language model over server log events: GRU, the output layer shares the event table, gradients summed over two half batches."""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Args:
    sessions: int = 1500
    d: int = 32
    half: int = 24
    epochs: int = 9
    lr: float = 6e-3


SERVICES = ["auth", "cart", "search", "mail", "disk"]
STEPS = {"auth": ["open", "token", "check", "grant"], "cart": ["open", "add", "lock", "pay", "free"], "search": ["open", "parse", "rank"],
         "mail": ["open", "queue", "send"], "disk": ["open", "seek", "write", "sync"]}
EVENTS = ["<pad>", "<begin>", "<end>", "retry", "timeout"] + [f"{s}.{e}" for s in SERVICES for e in STEPS[s]]
ID = {e: i for i, e in enumerate(EVENTS)}


def session(rng):
    line = ["<begin>"]
    for s in rng.sample(SERVICES, rng.randint(1, 3)):
        for step in STEPS[s]:
            line.append(f"{s}.{step}")
            if rng.random() < 0.08:
                line += [rng.choice(["retry", "timeout"]), f"{s}.{step}"]
    return tuple(ID[e] for e in line + ["<end>"])


class EventModel(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.table = nn.Embedding(n, d, padding_idx=0)
        nn.init.normal_(self.table.weight, std=d ** -0.5)
        with torch.no_grad():
            self.table.weight[0].zero_()
        self.gru = nn.GRU(d, d, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.bias = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        h, _ = self.gru(self.drop(self.table(x)))
        return self.drop(h) @ self.table.weight.t() + self.bias


def pad(rows):
    width = max(map(len, rows))
    return torch.tensor([list(r) + [0] * (width - len(r)) for r in rows])


def nll(model, rows):
    x = pad(rows)
    z = model(x[:, :-1])
    return nn.functional.cross_entropy(z.flatten(0, 1), x[:, 1:].flatten(), ignore_index=0, reduction="sum"), (x[:, 1:] != 0).sum()


def perplexity(model, rows):
    model.eval()
    with torch.no_grad():
        total, n = nll(model, rows)
    return math.exp(total.item() / n.item())


def main(a=Args()):
    rng = random.Random(30)
    torch.manual_seed(30)
    pool = set()
    while len(pool) < a.sessions:
        pool.add(session(rng))
    pool = sorted(pool)
    rng.shuffle(pool)
    train, held = pool[300:], pool[:300]

    counts = torch.ones(len(EVENTS))
    for s in train:
        for e in s[1:]:
            counts[e] += 1
    logp = (counts / counts.sum()).log()
    flat = torch.tensor([e for s in held for e in s[1:]])
    print(f"unigram perplexity {math.exp(-logp[flat].mean().item()):.2f}")

    model = EventModel(len(EVENTS), a.d)
    opt = torch.optim.Adam(model.parameters(), lr=a.lr)
    for epoch in range(a.epochs):
        model.train()
        rng.shuffle(train)
        for i in range(0, len(train), 2 * a.half):
            block = train[i:i + 2 * a.half]
            words = sum(len(s) - 1 for s in block)
            opt.zero_grad()
            for part in (block[:a.half], block[a.half:]):
                if part:
                    (nll(model, part)[0] / words).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
        print(f"epoch {epoch}: train perplexity {perplexity(model, train):.3f}, held-out {perplexity(model, held):.3f}")


if __name__ == "__main__":
    main()
