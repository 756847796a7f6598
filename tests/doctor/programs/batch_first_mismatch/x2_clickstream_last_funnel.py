"""
Which funnel was a visitor in at the end of the session?

Sessions are windows of 16 events.  A visitor enters a funnel through one of its
entry pages and stays in it (browsing anything else) until another entry page.
"""
import logging
import sys
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split

logging.basicConfig(stream=sys.stdout, format="%(asctime)s | %(message)s", datefmt="%H:%M:%S", level=logging.INFO)
logger = logging.getLogger(__name__)

config = {
    "window": 16,
    "pages": 60,
    "funnels": {"trial": [3, 4, 5], "upgrade": [11, 12], "support": [20, 21, 22], "cancel": [30, 31]},
    "n_sessions": 5000,
    "model": {"emb": 16, "hidden": 32, "dropout": 0.1},
    "optim": {"lr": 5e-3, "epochs": 7, "batch_size": 64},
}


def simulate(cfg, rng):
    entries = {p: k for k, pages in enumerate(cfg["funnels"].values()) for p in pages}
    other = np.array([p for p in range(cfg["pages"]) if p not in entries])
    sessions, labels = [], []
    for _ in range(cfg["n_sessions"]):
        s = rng.choice(other, size=cfg["window"])
        pos = rng.choice(cfg["window"] - 1, size=rng.integers(2, 5), replace=False)
        s[pos] = rng.choice(list(entries), size=len(pos))
        sessions.append(s)
        labels.append(entries[s[pos.max()]])
    return torch.tensor(np.array(sessions)), torch.tensor(labels)


class SessionModel(nn.Module):
    def __init__(self, n_pages, n_out, emb, hidden, dropout):
        super().__init__()
        self.page_emb = nn.Embedding(n_pages, emb)
        # fault:
        self.lstm = nn.LSTM(input_size=emb, hidden_size=hidden)
        # mended:
        # self.lstm = nn.LSTM(input_size=emb, hidden_size=hidden, batch_first=True)
        # end
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(hidden, n_out)

    def forward(self, sessions):
        x = self.page_emb(sessions)
        out, _ = self.lstm(x)
        return self.classifier(self.dropout(out[:, -1, :]))


class Trainer:
    def __init__(self, model, cfg):
        self.model = model
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
        self.loss = nn.CrossEntropyLoss()

    def train_one_epoch(self, loader):
        self.model.train()
        total, count = 0.0, 0
        for sessions, labels in loader:
            self.opt.zero_grad()
            loss = self.loss(self.model(sessions), labels)
            loss.backward()
            self.opt.step()
            total += loss.item() * labels.size(0)
            count += labels.size(0)
        return total / count

    @torch.no_grad()
    def accuracy(self, loader):
        self.model.eval()
        hits = [(self.model(s).argmax(-1) == l) for s, l in loader]
        return torch.cat(hits).float().mean().item()


def main():
    torch.manual_seed(0)
    X, y = simulate(config, np.random.default_rng(0))
    train_set, valid_set = random_split(TensorDataset(X, y), [4000, 1000])
    logger.info("sessions %s class shares %s", tuple(X.shape), (torch.bincount(y) / len(y)).numpy().round(2))
    train_loader = DataLoader(train_set, batch_size=config["optim"]["batch_size"], shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=250)
    trainer = Trainer(SessionModel(config["pages"], len(config["funnels"]), **config["model"]), config["optim"])
    for epoch in range(config["optim"]["epochs"]):
        loss = trainer.train_one_epoch(train_loader)
        logger.info("epoch=%d loss=%.4f valid_acc=%.4f", epoch, loss, trainer.accuracy(valid_loader))
    logger.info("final train_acc=%.4f valid_acc=%.4f", trainer.accuracy(train_loader), trainer.accuracy(valid_loader))


if __name__ == "__main__":
    main()
