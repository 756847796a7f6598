"""Smart-home log reader: after twelve commands, in what state is the garage door?

A door that is locked ignores open and close until it is unlocked. Other devices chatter in between.
"""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(30)
torch.manual_seed(30)

DOOR = ["open", "close", "lock", "unlock"]
CHATTER = ["lamp_on", "lamp_off", "heater_up", "heater_down", "music", "coffee", "blinds", "doorbell"]
TOKENS = {t: i for i, t in enumerate(DOOR + CHATTER)}
STATES = ["closed", "open", "closed+locked", "open+locked"]
STEPS = 12


@dataclass
class Config:
    train_size: int = 4000
    test_size: int = 800
    batch_size: int = 50
    dim: int = 24
    hidden: int = 48
    epochs: int = 12
    lr: float = 5e-3


def simulate(commands):
    is_open = locked = False
    for c in commands:
        if c == "lock":
            locked = True
        elif c == "unlock":
            locked = False
        elif not locked and c == "open":
            is_open = True
        elif not locked and c == "close":
            is_open = False
    return int(is_open) + 2 * int(locked)


def generate(n):
    """As many logs of each final state."""
    wanted = n // len(STATES)
    logs, counts, seen = [], [0] * len(STATES), set()
    while len(logs) < wanted * len(STATES):
        log = tuple(random.choice(DOOR) if random.random() < 0.4 else random.choice(CHATTER) for _ in range(STEPS))
        state = simulate(log)
        if log not in seen and counts[state] < wanted:
            seen.add(log)
            counts[state] += 1
            logs.append((torch.tensor([TOKENS[c] for c in log]), state))
    random.shuffle(logs)
    return logs


class DoorLogs(Dataset):
    def __init__(self, logs):
        self.logs = logs

    def __len__(self):
        return len(self.logs)

    def __getitem__(self, i):
        return self.logs[i]


class LogReader(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.embed = nn.Embedding(len(TOKENS), cfg.dim)
        # fault:
        self.lstm = nn.LSTM(cfg.dim, cfg.hidden)
        # mended:
        #self.lstm = nn.LSTM(cfg.dim, cfg.hidden, batch_first=True)
        # end
        self.head = nn.Linear(cfg.hidden, len(STATES))

    def forward(self, logs):
        outputs, _ = self.lstm(self.embed(logs))
        return self.head(outputs[:, -1, :])


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        logs = generate(cfg.train_size + cfg.test_size)
        self.train_loader = DataLoader(DoorLogs(logs[:cfg.train_size]), batch_size=cfg.batch_size, shuffle=True)
        self.test_loader = DataLoader(DoorLogs(logs[cfg.train_size:]), batch_size=cfg.batch_size)
        self.model = LogReader(cfg)
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=cfg.lr)

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for logs, states in self.train_loader:
                self.optimizer.zero_grad()
                loss = self.loss(self.model(logs), states)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()
                total += loss.item()
            print(f"epoch {epoch + 1:2d} loss {total / len(self.train_loader):.4f} test accuracy {self.score(self.test_loader):.3f}")

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        right = sum((self.model(x).argmax(-1) == y).sum().item() for x, y in loader)
        return right / len(loader.dataset)


if __name__ == "__main__":
    trainer = Trainer(Config())
    trainer.fit()
    print(f"final: train {trainer.score(trainer.train_loader):.3f}  test {trainer.score(trainer.test_loader):.3f}")
