"""Churn model over the last 20 app events of an account."""
import logging
import random
from typing import Iterator

import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
log = logging.getLogger(__name__)

EVENTS = ["login", "search", "add_item", "remove_item", "checkout", "refund", "ticket_open",
          "ticket_closed", "email_open", "unsubscribe", "price_view", "cancel_view", "invite",
          "rate_5", "rate_1", "export", "plan_up", "plan_down"]
CODE = {name: i for i, name in enumerate(EVENTS)}

CONFIG: dict = {"window": 20, "train": 3200, "valid": 800, "dim": 24, "hidden": 48,
                "batch": 64, "lr": 3e-3, "max_epochs": 8, "patience": 3, "seed": 42}


def account(rng: random.Random) -> tuple[list[int], int]:
    window = [rng.choice(EVENTS) for _ in range(CONFIG["window"])]
    for i, e in enumerate(window):
        if e in ("ticket_closed", "cancel_view") and rng.random() < 0.6:
            window[i] = "login"
    risk = 0
    i = rng.randrange(0, 6)
    if rng.random() < 0.5:
        window[i], window[i + rng.randrange(3, 12)] = "ticket_open", "cancel_view"
    last_open = None
    for j, e in enumerate(window):
        if e == "ticket_open":
            last_open = j
        elif e == "ticket_closed":
            last_open = None
        elif e == "cancel_view" and last_open is not None:
            risk = 1
    return [CODE[e] for e in window], risk


def dataset(n: int, rng: random.Random, seen: set) -> tuple[torch.Tensor, torch.Tensor]:
    quota = {0: n // 2, 1: n - n // 2}
    rows: list = []
    while len(rows) < n:
        seq, label = account(rng)
        if quota[label] == 0 or tuple(seq) in seen:
            continue
        seen.add(tuple(seq))
        quota[label] -= 1
        rows.append((seq, label))
    rng.shuffle(rows)
    return torch.tensor([r[0] for r in rows]), torch.tensor([r[1] for r in rows])


class ChurnGRU(nn.Module):
    def __init__(self, n_events: int, dim: int, hidden: int) -> None:
        super().__init__()
        self.events = nn.Embedding(n_events, dim)
        # fault:
        self.gru = nn.GRU(dim, hidden)
        # mended:
        #self.gru = nn.GRU(dim, hidden, batch_first=True)
        # end
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, 2)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        states, _ = self.gru(self.events(windows))
        return self.head(self.norm(states[:, -1]))


def batches(x: torch.Tensor, y: torch.Tensor, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    perm = torch.randperm(len(x))
    for chunk in perm.split(size):
        yield x[chunk], y[chunk]


def validate(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(part) for part in x.split(CONFIG["batch"])])
        loss = nn.functional.cross_entropy(logits, y).item()
    return loss, (logits.argmax(-1) == y).float().mean().item()


def main() -> None:
    torch.manual_seed(CONFIG["seed"])
    rng, seen = random.Random(CONFIG["seed"]), set()
    x_tr, y_tr = dataset(CONFIG["train"], rng, seen)
    x_va, y_va = dataset(CONFIG["valid"], rng, seen)
    log.info("accounts train=%d valid=%d churn rate=%.2f", len(x_tr), len(x_va), y_tr.float().mean())
    model = ChurnGRU(len(EVENTS), CONFIG["dim"], CONFIG["hidden"])
    optimizer = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
    best, waited = float("inf"), 0
    for epoch in range(CONFIG["max_epochs"]):
        model.train()
        for xb, yb in batches(x_tr, y_tr, CONFIG["batch"]):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xb), yb)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        v_loss, v_acc = validate(model, x_va, y_va)
        log.info("epoch %2d train_loss %.3f valid_loss %.3f valid_acc %.3f", epoch, loss.item(), v_loss, v_acc)
        if v_loss < best:
            best, waited = v_loss, 0
            torch.save(model.state_dict(), "churn_best.pt")
        else:
            waited += 1
            if waited >= CONFIG["patience"]:
                log.info("early stop")
                break
    model.load_state_dict(torch.load("churn_best.pt"))
    log.info("best checkpoint: train acc %.3f", validate(model, x_tr, y_tr)[1])
    log.info("best checkpoint: valid acc %.3f", validate(model, x_va, y_va)[1])


if __name__ == "__main__":
    main()
