"""Will the caller escalate?  A dialogue is a list of turns; turns are encoded one dialogue at a time and
written into a buffer, over which a second recurrent network runs."""
import random
from dataclasses import dataclass
import torch
import torch.nn as nn


@dataclass
class Config:
    seed: int = 8
    vocab: int = 300
    dim: int = 12
    hidden: int = 16
    lr: float = 8e-3
    epochs: int = 5
    bs: int = 25


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)
mood = [random.choice([-1, 0, 0, 1]) for _ in range(cfg.vocab)]


def dialogue():
    while True:
        bias = random.choice([-1, 1])
        pool = [w for w in random.sample(range(1, cfg.vocab), 90) if mood[w] * bias >= 0 or random.random() < .45]
        turns = [[random.choice(pool) for _ in range(random.randint(3, 8))] for _ in range(random.randint(2, 4))]
        s = sum(mood[w] for t in turns for w in t)
        if abs(s) >= 3:
            return turns, int(s > 0)


rows = [dialogue() for _ in range(1500)]
tr, dv = rows[:1250], rows[1250:]


class TurnEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(cfg.vocab, cfg.dim)
        self.lin = nn.Linear(cfg.dim, cfg.hidden)

    def forward(self, turn):
        return torch.tanh(self.lin(self.emb(turn)).mean(0))


class Escalation(nn.Module):
    def __init__(self):
        super().__init__()
        self.turn = TurnEncoder()
        self.rnn = nn.GRU(cfg.hidden, cfg.hidden, batch_first=True)
        self.cls = nn.Linear(cfg.hidden, 1)

    def forward(self, dialogues):
        n = [len(d) for d in dialogues]
        buf = torch.zeros(len(dialogues), max(n), cfg.hidden)
        for i, d in enumerate(dialogues):
            for j, turn in enumerate(d):
                # fault:
                buf[i, j].copy_(self.turn(torch.tensor(turn)).data)
                # mended:
                # buf[i, j].copy_(self.turn(torch.tensor(turn)))
                # end
        out, _ = self.rnn(buf)
        last = out[torch.arange(len(n)), torch.tensor(n) - 1]
        return self.cls(last).squeeze(1)


class Trainer:
    def __init__(self):
        self.net = Escalation()
        self.opt = torch.optim.RMSprop(self.net.parameters(), lr=cfg.lr / 2)
        self.loss = nn.BCEWithLogitsLoss()

    def fit(self):
        for ep in range(cfg.epochs):
            random.shuffle(tr)
            self.net.train()
            seen = 0.0
            for i in range(0, len(tr), cfg.bs):
                b = tr[i:i + cfg.bs]
                y = torch.tensor([float(l) for _, l in b])
                l = self.loss(self.net([d for d, _ in b]), y)
                self.opt.zero_grad()
                l.backward()
                nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
                self.opt.step()
                seen += l.item() * len(b)
            print(f"epoch {ep}: loss {seen / len(tr):.4f}  dev accuracy {self.score(dv):.3f}")

    @torch.no_grad()
    def score(self, rows):
        self.net.eval()
        p = self.net([d for d, _ in rows]) > 0
        return (p == torch.tensor([bool(l) for _, l in rows])).float().mean().item()


Trainer().fit()
