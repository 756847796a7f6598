"""Routes help desk tickets to queues with a small LSTM. Fixed-length id arrays come from the feature store (MAX_LEN)."""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    max_len: int = 64
    dim: int = 32
    hidden: int = 48
    batch: int = 64
    lr: float = 4e-3
    epochs: int = 5
    seed: int = 13


QUEUES = {
    "network": (["wifi", "vpn", "router", "ethernet", "dns", "hotspot"], ["drops", "disconnects", "times out", "is unreachable", "keeps searching"]),
    "billing": (["invoice", "refund", "charge", "receipt", "subscription", "credit card"], ["is wrong", "came twice", "was declined", "is overdue", "is missing"]),
    "account": (["password", "login", "username", "mailbox", "profile", "two factor code"], ["expired", "is locked", "was rejected", "cannot be reset", "is not accepted"]),
    "hardware": (["screen", "keyboard", "battery", "dock", "fan", "trackpad"], ["is broken", "flickers", "makes noise", "overheats", "fell off"]),
}
OPEN = ["hi team", "hello", "good morning", "dear support", "", "urgent please", "quick question"]
WHO = ["my", "our", "the", "her", "a colleague says his", "since monday my"]
TAIL = ["", "thanks", "please help me today", "no rush", "i tried everything", "can someone call me back", "regards from the second floor office"]


def make_tickets(n, rng):
    names, seen, rows = list(QUEUES), set(), []
    while len(rows) < n:
        q = rng.randrange(len(names))
        things, faults = QUEUES[names[q]]
        other = QUEUES[rng.choice(names)][0]
        text = " ".join([rng.choice(OPEN), rng.choice(WHO), rng.choice(things), rng.choice(faults),
                         "while the " + rng.choice(other) + " is fine" if rng.random() < .4 else "", rng.choice(TAIL)])
        text = " ".join(text.split())
        if text not in seen:
            seen.add(text)
            rows.append((text.split(), q))
    return rows


class Router(nn.Module):
    def __init__(self, cfg, n_words, n_queues):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.lstm = nn.LSTM(cfg.dim, cfg.hidden, batch_first=True)
        self.out = nn.Linear(cfg.hidden, n_queues)

    def forward(self, ids, lengths):
        states, (h, _) = self.lstm(self.emb(ids))
        # fault:
        summary = h[-1]
        # mended:
        #summary = states[torch.arange(ids.size(0)), lengths - 1]
        # end
        return self.out(summary)


class Trainer:
    def __init__(self, cfg, model):
        self.cfg, self.model = cfg, model
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.loss = nn.CrossEntropyLoss()

    def fit(self, train, dev):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for ids, lengths, y in train:
                loss = self.loss(self.model(ids, lengths), y)
                self.opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.opt.step()
                total += loss.item()
            print(f"epoch {epoch} loss {total / len(train):.4f} dev accuracy {self.score(dev):.4f}")

    @torch.no_grad()
    def score(self, loader):
        self.model.eval()
        hits = [(self.model(ids, n).argmax(-1) == y) for ids, n, y in loader]
        return torch.cat(hits).float().mean().item()


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rows = make_tickets(2400, random.Random(cfg.seed))
    train_rows, dev_rows = rows[:2000], rows[2000:]
    vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train_rows for w in t}))}

    def tensors(part):
        ids = torch.zeros(len(part), cfg.max_len, dtype=torch.long)
        for r, (t, _) in enumerate(part):
            ids[r, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
        return TensorDataset(ids, torch.tensor([len(t) for t, _ in part]), torch.tensor([q for _, q in part]))

    train = DataLoader(tensors(train_rows), batch_size=cfg.batch, shuffle=True)
    dev = DataLoader(tensors(dev_rows), batch_size=200)
    trainer = Trainer(cfg, Router(cfg, len(vocab) + 2, len(QUEUES)))
    trainer.fit(train, dev)
    print(f"final: train {trainer.score(train):.4f} dev {trainer.score(dev):.4f}")


if __name__ == "__main__":
    main()
