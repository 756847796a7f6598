"""Question types ("who", "where", "when", "how many", "why") of answers, found by a word CNN.  In-house mini trainer."""
import random
from dataclasses import dataclass
from typing import Callable, Dict, List

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class TrainConfig:
    lr: float = 2e-3
    batch_size: int = 32
    # fault:
    max_steps: int = 25
    # mended:
    # max_steps: int = 500
    # end
    log_every: int = 5
    seed: int = 31


KINDS: Dict[str, List[str]] = {
    "who": ["the old {p}", "a {p} from {c}", "it was the {p}", "{p} and {p}", "some {p} did", "my {p} of course"],
    "where": ["in {c}", "near {c} harbour", "behind the {o}", "under a {o}", "somewhere in {c}", "next to the {o} in {c}"],
    "when": ["on {d}", "last {d} evening", "before {d}", "every {d}", "{d} at noon", "two weeks after {d}"],
    "how many": ["about {n}", "{n} or {n}", "at least {n} {o}s", "{n} {o}s", "nearly {n} {p}s", "not even {n}"],
    "why": ["because the {o} broke", "since {c} was full", "to help the {p}", "so that the {p} could rest",
            "because of {d}", "for fear of the {p}"],
}
SLOTS = {
    "p": "baker teacher sailor doctor farmer singer miller guard painter driver nurse pilot judge king clerk".split(),
    "c": "paris oslo lima cairo rome delhi quito turin basel porto york perth".split(),
    "o": "table bridge engine barn piano ladder window boat tower cart statue lamp".split(),
    "d": "monday tuesday wednesday thursday friday saturday sunday christmas easter".split(),
    "n": "two three seven twelve fifty ninety eleven forty six hundred".split(),
}
LABELS = list(KINDS)


def sample(rng: random.Random):
    label = rng.randrange(len(LABELS))
    words = []
    for w in rng.choice(KINDS[LABELS[label]]).split():
        while "{" in w:
            a = w.index("{")
            w = w[:a] + rng.choice(SLOTS[w[a + 1]]) + w[a + 3:]
        words.append(w)
    for _ in range(rng.randint(0, 4)):
        words.insert(rng.choice([0, len(words)]), rng.choice("well i think maybe said they hm you know".split()))
    return words, label


class Model(nn.Module):
    def __init__(self, n_words: int, dim: int = 24, channels: int = 32):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, channels, 3, padding=1)
        self.classify = nn.Linear(channels, len(LABELS))

    def forward(self, ids: Tensor) -> Tensor:
        hidden = F.relu(self.conv(self.embed(ids).mT))
        hidden = hidden.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.classify(hidden.amax(-1))


class Trainer:
    def __init__(self, model: nn.Module, config: TrainConfig, collate: Callable):
        self.model, self.config, self.collate = model, config, collate
        self.optimizer = torch.optim.Adam(model.parameters(), lr=config.lr)

    def batches(self, rows, rng):
        while True:
            rng.shuffle(rows)
            for i in range(0, len(rows) - self.config.batch_size + 1, self.config.batch_size):
                yield self.collate(rows[i:i + self.config.batch_size])

    def train(self, rows, rng):
        self.model.train()
        every = max(self.config.log_every, self.config.max_steps // 10)
        for step, (x, y) in enumerate(self.batches(list(rows), rng), 1):
            loss = F.cross_entropy(self.model(x), y)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            if step % every == 0:
                print(f"step {step:4d} | loss {loss.item():.4f}")
            if step >= self.config.max_steps:
                break

    @torch.inference_mode()
    def accuracy(self, rows):
        self.model.eval()
        x, y = self.collate(rows)
        return (self.model(x).argmax(-1) == y).float().mean().item()


if __name__ == "__main__":
    cfg = TrainConfig()
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    unique = list({" ".join(w): (w, y) for w, y in (sample(rng) for _ in range(5000))}.values())
    held, rows = unique[:500], unique[500:3000]
    stoi = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for ws, _ in rows for w in ws}))}

    def collate(batch):
        x = nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in ws]) for ws, _ in batch], batch_first=True)
        return x, torch.tensor([y for _, y in batch])

    print(len(rows), "training answers,", len(held), "held out,", len(stoi), "words")
    trainer = Trainer(Model(len(stoi)), cfg, collate)
    trainer.train(rows, rng)
    print(f"train accuracy {trainer.accuracy(rows[:500]):.3f}  held-out accuracy {trainer.accuracy(held):.3f}")
