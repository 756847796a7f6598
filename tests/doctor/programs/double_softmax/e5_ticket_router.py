"""Routes service desk tickets to one of the resolver queues. Small own training engine."""
import random
from dataclasses import dataclass, field
from typing import Callable, Dict, List

import torch
from torch import nn

torch.manual_seed(404)


@dataclass
class RouterConfig:
    queues: int = 80
    terms_per_queue: int = 6
    shared_terms: int = 200
    tickets: int = 4000
    held_out: int = 600
    dim: int = 32
    hidden: int = 64
    batch_size: int = 60
    epochs: int = 9
    lr: float = 4e-3
    hooks: List[Callable] = field(default_factory=list)


class TicketSource:
    """Tickets mention a few terms of their own queue, sometimes one of another, and lots of everyday words."""

    def __init__(self, cfg, seed=7):
        self.cfg, self.rng = cfg, random.Random(seed)
        self.words = [f"word{i}" for i in range(cfg.shared_terms)]
        self.terms = [[f"q{q}term{t}" for t in range(cfg.terms_per_queue)] for q in range(cfg.queues)]
        every = self.words + [t for ts in self.terms for t in ts]
        self.index = {w: i + 1 for i, w in enumerate(every)}

    def ticket(self):
        q = self.rng.randrange(self.cfg.queues)
        text = self.rng.sample(self.terms[q], self.rng.randint(2, 3))
        if self.rng.random() < 0.4:
            text.append(self.rng.choice(self.rng.choice(self.terms)))
        text += self.rng.choices(self.words, k=self.rng.randint(3, 8))
        self.rng.shuffle(text)
        return tuple(self.index[w] for w in text), q


class Router(nn.Module):
    def __init__(self, vocab, cfg):
        super().__init__()
        self.emb = nn.Embedding(vocab, cfg.dim, padding_idx=0)
        self.mix = nn.Sequential(nn.Linear(cfg.dim, cfg.hidden), nn.ReLU(), nn.Dropout(0.1))
        # fault:
        self.out = nn.Sequential(nn.Linear(cfg.hidden, cfg.queues), nn.Softmax(dim=-1))
        # mended:
        #self.out = nn.Linear(cfg.hidden, cfg.queues)
        # end

    def forward(self, ids):
        mask = ids.ne(0).float()
        pooled = torch.einsum("btd,bt->bd", self.emb(ids), mask) / mask.sum(1, keepdim=True)
        return self.out(self.mix(pooled))


class Batches:
    def __init__(self, rows, size, seed=None):
        self.rows, self.size = rows, size
        self.rng = random.Random(seed) if seed is not None else None

    def __iter__(self):
        order = list(range(len(self.rows)))
        if self.rng:
            self.rng.shuffle(order)
        for s in range(0, len(order), self.size):
            part = [self.rows[i] for i in order[s:s + self.size]]
            width = max(len(x) for x, _ in part)
            ids = torch.tensor([list(x) + [0] * (width - len(x)) for x, _ in part])
            yield {"ids": ids, "queue": torch.tensor([y for _, y in part])}


class Engine:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=1e-4)

    def step(self, batch: Dict[str, torch.Tensor]) -> float:
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.criterion(self.model(batch["ids"]), batch["queue"])
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.inference_mode()
    def evaluate(self, batches):
        self.model.eval()
        hits = n = 0
        for b in batches:
            hits += (self.model(b["ids"]).argmax(1) == b["queue"]).sum().item()
            n += len(b["queue"])
        return hits / n

    def fit(self, train, dev):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            losses = [self.step(b) for b in train]
            state = {"epoch": epoch + 1, "loss": sum(losses) / len(losses), "dev": self.evaluate(dev)}
            for hook in self.cfg.hooks:
                hook(state)


def report(state):
    print("epoch {epoch:2d}  loss {loss:.3f}  dev accuracy {dev:.3f}".format(**state))


if __name__ == "__main__":
    cfg = RouterConfig(hooks=[report])
    source = TicketSource(cfg)
    rows = list(dict.fromkeys(source.ticket() for _ in range(cfg.tickets)))
    dev_rows, train_rows = rows[:cfg.held_out], rows[cfg.held_out:]
    assert not {x for x, _ in dev_rows} & {x for x, _ in train_rows}
    engine = Engine(Router(len(source.index) + 1, cfg), cfg)
    engine.fit(Batches(train_rows, cfg.batch_size, seed=1), Batches(dev_rows, 200))
    print(f"train accuracy {engine.evaluate(Batches(train_rows, 200)):.3f}  chance {1 / cfg.queues:.3f}")
