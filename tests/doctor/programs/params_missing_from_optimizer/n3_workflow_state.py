"""Which state is a document in after its history of events? Own gated recurrent cell, two parameter groups (decayed / not decayed)."""
import random
from dataclasses import dataclass

import torch
from torch import nn

STATES = ["draft", "review", "approved", "published", "archived"]
MOVES = {("draft", "submit"): "review", ("review", "reject"): "draft", ("review", "accept"): "approved", ("approved", "release"): "published",
         ("approved", "reject"): "review", ("published", "retire"): "archived", ("archived", "restore"): "draft", ("published", "withdraw"): "approved"}
EVENTS = ["submit", "reject", "accept", "release", "retire", "restore", "withdraw", "comment", "view"]


@dataclass
class Setup:
    dim: int = 16
    units: int = 40
    lr: float = 1e-2
    decay: float = 1e-4
    batch: int = 100
    steps: int = 450
    length: int = 10
    seed: int = 21


def history(rng, length):
    state, events = "draft", []
    for _ in range(length):
        open_moves = [e for (s, e) in MOVES if s == state]
        event = rng.choice(open_moves) if rng.random() < .6 else rng.choice(EVENTS)
        state = MOVES.get((state, event), state)     # an event that does not fit changes nothing
        events.append(EVENTS.index(event))
    return tuple(events), STATES.index(state)


class GatedCell(nn.Module):
    def __init__(self, n_in, n_units):
        super().__init__()
        self.Wx = nn.Parameter(torch.empty(n_in, 3 * n_units))
        self.Wh = nn.Parameter(torch.empty(n_units, 3 * n_units))
        self.b = nn.Parameter(torch.zeros(3 * n_units))
        nn.init.xavier_uniform_(self.Wx)
        nn.init.orthogonal_(self.Wh)
        self.n = n_units

    def forward(self, x, h):
        a, c = x @ self.Wx + self.b, h @ self.Wh
        z = torch.sigmoid(a[:, :self.n] + c[:, :self.n])
        r = torch.sigmoid(a[:, self.n:2 * self.n] + c[:, self.n:2 * self.n])
        new = torch.tanh(a[:, 2 * self.n:] + r * c[:, 2 * self.n:])
        return z * h + (1 - z) * new


class StateTracker(nn.Module):
    def __init__(self, setup):
        super().__init__()
        self.events = nn.Embedding(len(EVENTS), setup.dim)
        self.cell = GatedCell(setup.dim, setup.units)
        self.out = nn.Linear(setup.units, len(STATES))

    def forward(self, ids):
        x = self.events(ids)
        h = x.new_zeros(ids.size(0), self.cell.n)
        for t in range(ids.size(1)):
            h = self.cell(x[:, t], h)
        return self.out(h)


class Trainer:
    def __init__(self, setup, model):
        self.setup, self.model = setup, model
        # fault:
        decayed = [p for n, p in model.named_parameters() if n.endswith("weight")]
        plain = [p for n, p in model.named_parameters() if n.endswith("bias")]
        # mended:
        #decayed = [p for n, p in model.named_parameters() if p.dim() > 1]
        #plain = [p for n, p in model.named_parameters() if p.dim() <= 1]
        # end
        self.opt = torch.optim.AdamW([{"params": decayed, "weight_decay": setup.decay}, {"params": plain, "weight_decay": 0.0}], lr=setup.lr)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, max_lr=setup.lr, total_steps=setup.steps)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, x, y, x_dev, y_dev):
        for step in range(1, self.setup.steps + 1):
            self.model.train()
            pick = torch.randint(len(x), (self.setup.batch,))
            loss = self.criterion(self.model(x[pick]), y[pick])
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            self.sched.step()
            if step % 90 == 0:
                print(f"step {step} loss {loss.item():.4f} dev accuracy {self.accuracy(x_dev, y_dev):.4f}")

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        return (self.model(x).argmax(-1) == y).float().mean().item()


def main():
    setup = Setup()
    torch.manual_seed(setup.seed)
    rng = random.Random(setup.seed)
    rows = list(dict.fromkeys(history(rng, setup.length) for _ in range(5000)))
    rng.shuffle(rows)
    x, y = torch.tensor([e for e, _ in rows]), torch.tensor([s for _, s in rows])
    x, y, x_dev, y_dev = x[600:], y[600:], x[:600], y[:600]
    print("states in dev:", torch.bincount(y_dev).tolist())
    trainer = Trainer(setup, StateTracker(setup))
    trainer.fit(x, y, x_dev, y_dev)
    print(f"train {trainer.accuracy(x, y):.4f} dev {trainer.accuracy(x_dev, y_dev):.4f}")


if __name__ == "__main__":
    main()
