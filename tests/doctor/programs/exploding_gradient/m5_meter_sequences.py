"""Energy meters: predicts the load class of the next day from a long sequence of coded readings."""
import json
import logging
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("meter")

CONFIG: dict[str, Any] = {
    "codes": 16, "length": 48, "classes": 3, "train": 2400, "valid": 600,
    "dim": 16, "hidden": 40, "batch": 80, "lr": 4e-3, "epochs": 9, "patience": 4, "seed": 17,
}


def simulate(n: int, cfg: dict[str, Any], gen: torch.Generator) -> tuple[Tensor, Tensor]:
    """A household drifts between low, medium and high use; codes are noisy readings of that."""
    level = torch.randint(0, cfg["classes"], (n,), generator=gen)
    rows = []
    for _ in range(cfg["length"]):
        move = torch.rand(n, generator=gen) < 0.04
        level = torch.where(move, torch.randint(0, cfg["classes"], (n,), generator=gen), level)
        code = 3 + 4.5 * level + torch.randn(n, generator=gen) * 2.4
        rows.append(code.round().clamp(0, cfg["codes"] - 1).long())
    return torch.stack(rows, dim=1), level


class Accumulator(nn.Module):
    """Recurrent cell: a gate decides how much of the new candidate goes into the state."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.candidate = nn.Linear(dim + hidden, hidden)
        self.gate = nn.Linear(dim + hidden, hidden)
        for layer in (self.candidate, self.gate):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.size(0), self.hidden)
        for step in x.unbind(dim=1):
            joint = torch.cat([step, state], dim=-1)
            gate = torch.sigmoid(self.gate(joint))
            # fault:
            state = state + gate * torch.relu(self.candidate(joint))
            # mended:
            #state = (1 - gate) * state + gate * torch.tanh(self.candidate(joint))
            # end
        return state


class LoadModel(nn.Module):
    def __init__(self, cfg: dict[str, Any]) -> None:
        super().__init__()
        self.codes = nn.Embedding(cfg["codes"], cfg["dim"])
        self.rnn = Accumulator(cfg["dim"], cfg["hidden"])
        self.head = nn.Linear(cfg["hidden"], cfg["classes"])

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.rnn(self.codes(ids)))


def evaluate(model: nn.Module, loader: DataLoader) -> dict[str, float]:
    model.eval()
    loss = correct = count = 0.0
    with torch.no_grad():
        for ids, label in loader:
            logits = model(ids)
            loss += nn.functional.cross_entropy(logits, label, reduction="sum").item()
            correct += (logits.argmax(-1) == label).sum().item()
            count += len(label)
    return {"loss": loss / count, "acc": correct / count}


def fit(cfg: dict[str, Any], folder: Path) -> None:
    torch.manual_seed(cfg["seed"])
    gen = torch.Generator().manual_seed(cfg["seed"])
    train = DataLoader(TensorDataset(*simulate(cfg["train"], cfg, gen)), batch_size=cfg["batch"], shuffle=True)
    valid = DataLoader(TensorDataset(*simulate(cfg["valid"], cfg, gen)), batch_size=300)
    model = LoadModel(cfg)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
    best: dict[str, float] = {"loss": math.inf}
    stale = 0
    for epoch in range(cfg["epochs"]):
        model.train()
        for ids, label in train:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(ids), label)
            loss.backward()
            optimizer.step()
        now = evaluate(model, valid)
        log.info("epoch %d last_batch %.4g valid %.4g acc %.3f", epoch, loss.item(), now["loss"], now["acc"])
        if now["loss"] < best["loss"]:
            best, stale = {**now, "epoch": epoch}, 0
            torch.save(model.state_dict(), folder / "load_model.pt")
        else:
            stale += 1
            if stale == cfg["patience"]:
                log.info("no improvement for %d epochs, stopping", stale)
                break
    (folder / "metrics.json").write_text(json.dumps(best, indent=2))
    log.info("final train acc %.3f valid acc %.3f", evaluate(model, train)["acc"], evaluate(model, valid)["acc"])


if __name__ == "__main__":
    fit(CONFIG, Path("."))
