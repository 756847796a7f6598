"""Escalation scorer for the support desk: which complaints end up with the legal team?

Batch job, retrained every night from the message dump (here: a simulated dump).
"""
import logging
import sys
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, recall_score
from torch import nn

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("escalation")


@dataclass
class Settings:
    n_messages: int = 12000
    escalation_rate: float = 0.03
    vocab: int = 100
    words_per_message: int = 18
    epochs: int = 4
    batch_size: int = 150
    lr: float = 1.5e-2
    seed: int = 77


def simulate_dump(cfg: Settings):
    """Escalated complaints use some words more often; no word is a give-away."""
    rng = np.random.default_rng(cfg.seed)
    base = 1.0 / (np.arange(cfg.vocab) + 5.0)
    tilt = np.exp(rng.normal(0, 0.5, cfg.vocab))
    p0 = base / base.sum()
    p1 = base * tilt / (base * tilt).sum()
    y = (rng.random(cfg.n_messages) < cfg.escalation_rate).astype(np.int64)
    x = rng.choice(cfg.vocab, (cfg.n_messages, cfg.words_per_message), p=p0)
    x[y == 1] = rng.choice(cfg.vocab, (int(y.sum()), cfg.words_per_message), p=p1)
    return torch.from_numpy(x), torch.from_numpy(y)


class Scorer(nn.Module):
    def __init__(self, vocab: int):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, 4, mode="mean")
        self.head = nn.Linear(4, 1)

    def forward(self, tokens):
        return self.head(self.bag(tokens)).squeeze(1)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        hit = (torch.sigmoid(model(x)) > 0.5).long()
    return balanced_accuracy_score(y, hit), recall_score(y, hit, zero_division=0), confusion_matrix(y, hit)


def main():
    cfg = Settings()
    torch.manual_seed(cfg.seed)
    x, y = simulate_dump(cfg)
    cut = int(0.75 * len(x))
    x_tr, y_tr, x_va, y_va = x[:cut], y[:cut], x[cut:], y[cut:]
    log.info("train %d rows, %d escalated; validation %d rows, %d escalated",
             len(y_tr), y_tr.sum(), len(y_va), y_va.sum())
    model = Scorer(cfg.vocab)
    # fault:
    criterion = nn.BCEWithLogitsLoss()
    # mended:
    # n_pos = y_tr.sum().item()
    # criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(y_tr) - n_pos) / n_pos))
    # end
    optim = torch.optim.Adam(model.parameters(), lr=cfg.lr, weight_decay=1e-4)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(x_tr)).split(cfg.batch_size):
            optim.zero_grad()
            loss = criterion(model(x_tr[rows]), y_tr[rows].float())
            loss.backward()
            optim.step()
            total += loss.item() * len(rows)
        bal, rec, _ = evaluate(model, x_va, y_va)
        log.info("epoch %d loss %.4f balanced accuracy %.3f recall %.3f", epoch, total / len(x_tr), bal, rec)
    log.info("train balanced accuracy %.3f", evaluate(model, x_tr, y_tr)[0])
    log.info("confusion %s", evaluate(model, x_va, y_va)[2].tolist())


if __name__ == "__main__":
    main()
