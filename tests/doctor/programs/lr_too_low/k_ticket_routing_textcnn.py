#!/usr/bin/env python
# routes help-desk tickets to one of six queues; Kim CNN, one file version of our internal trainer
import logging
import random
from dataclasses import dataclass

import torch
from torch import nn, Tensor
from torch.utils.data import DataLoader, TensorDataset, random_split

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("router")


@dataclass
class Config:
    epochs: int = 5
    batch: int = 32
    dim: int = 24
    channels: int = 24
    # fault:
    lr: float = 1e-6
    # mended:
    # lr: float = 2e-3
    # end
    dropout: float = 0.2
    seed: int = 77


QUEUES = {
    "network": ["vpn drops", "wifi is slow", "no internet", "dns error", "proxy timeout"],
    "hardware": ["screen flickers", "keyboard broken", "laptop overheats", "dock not charging", "mouse lags"],
    "accounts": ["reset password", "locked out", "new login", "mfa token lost", "access rights"],
    "printing": ["paper jam", "toner empty", "printer offline", "cannot scan", "print queue stuck"],
    "payroll": ["salary missing", "payslip wrong", "tax form", "overtime not paid", "bank details"],
    "facilities": ["heating off", "badge reader", "meeting room cold", "parking permit", "light bulb"],
}
LEAD = ["hi", "hello team", "dear support", "urgent", "good morning", ""]
TAIL = ["since monday", "please help", "again", "for the whole floor", "thanks a lot", "in building two", ""]
NOISE = "the my our a now still really today some it we have this is i".split()


def ticket(rnd: random.Random):
    q = rnd.randrange(len(QUEUES))
    body = rnd.choice(list(QUEUES.values())[q]).split()
    for _ in range(rnd.randint(1, 4)):
        body.insert(rnd.choice([0, len(body)]), rnd.choice(NOISE))
    if rnd.random() < 0.04:                       # mis-routed by hand
        q = rnd.randrange(len(QUEUES))
    return f"{rnd.choice(LEAD)} {' '.join(body)} {rnd.choice(TAIL)}".split(), q


class KimCNN(nn.Module):
    def __init__(self, vocab: int, cfg: Config):
        super().__init__()
        self.embed = nn.Embedding(vocab, cfg.dim, padding_idx=0)
        self.banks = nn.ModuleList(nn.Conv1d(cfg.dim, cfg.channels, k, padding=k - 1) for k in (2, 3))
        self.dropout = nn.Dropout(cfg.dropout)
        self.classify = nn.Linear(2 * cfg.channels, len(QUEUES))

    def forward(self, ids: Tensor) -> Tensor:
        e = self.embed(ids).permute(0, 2, 1)
        pooled = [torch.relu(bank(e)).amax(dim=2) for bank in self.banks]
        return self.classify(self.dropout(torch.cat(pooled, dim=1)))


@torch.no_grad()
def evaluate(model: nn.Module, loader: DataLoader) -> tuple[float, float]:
    model.eval()
    loss = hit = n = 0.0
    for x, y in loader:
        out = model(x)
        loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
        hit += (out.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, hit / n


def main(cfg: Config = Config()) -> None:
    torch.manual_seed(cfg.seed)
    rnd = random.Random(cfg.seed)
    rows = list({" ".join(t): (t, y) for t, y in (ticket(rnd) for _ in range(2600))}.values())
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in rows for w in t}))}
    width = max(len(t) for t, _ in rows)
    ids = torch.tensor([[vocab[w] for w in t] + [0] * (width - len(t)) for t, _ in rows])
    data = TensorDataset(ids, torch.tensor([y for _, y in rows]))
    train, held = random_split(data, [len(data) - 500, 500], generator=torch.Generator().manual_seed(cfg.seed))
    train_dl, held_dl = DataLoader(train, cfg.batch, shuffle=True), DataLoader(held, 250)

    model = KimCNN(len(vocab) + 1, cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    log.info("%d tickets, %d words, %d parameters", len(data), len(vocab), sum(p.numel() for p in model.parameters()))
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        total = 0.0
        for x, y in train_dl:
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        vl, va = evaluate(model, held_dl)
        log.info("epoch %d | train loss %.4f | held-out loss %.4f acc %.4f", epoch, total / len(train_dl), vl, va)


if __name__ == "__main__":
    main()
