"""Fraud scoring on transaction descriptions and amounts; 4 % positives, weighted loss, judged by average precision."""
import logging

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(level=logging.INFO, format="%(asctime)s [fraud] %(message)s", datefmt="%H:%M:%S")
CONFIG = {"n_tokens": 60, "width": 6, "dim": 8, "hidden": 16, "lr": 8e-3, "weight_decay": 1e-4, "epochs": 6, "bs": 128, "seed": 19}


def simulate(rng, n):
    fraud = rng.random(n) < 0.04
    tokens = rng.integers(0, 40, (n, CONFIG["width"]))
    risky = rng.integers(40, 60, (n, CONFIG["width"]))
    tokens = np.where(rng.random(tokens.shape) < np.where(fraud, 0.5, 0.06)[:, None], risky, tokens)
    amount = rng.lognormal(3.0 + 0.9 * fraud, 0.8)
    night = rng.random(n) < np.where(fraud, 0.6, 0.15)
    feats = np.stack([(np.log(amount) - 3) / 0.8, night], 1).astype(np.float32)
    return TensorDataset(torch.from_numpy(tokens), torch.from_numpy(feats), torch.from_numpy(fraud.astype(np.float32)))


class FraudNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.tokens = nn.EmbeddingBag(cfg["n_tokens"], cfg["dim"], mode="mean")
        self.mlp = nn.Sequential(nn.Linear(cfg["dim"] + 2, cfg["hidden"]), nn.ReLU(), nn.Linear(cfg["hidden"], 1))

    def forward(self, tokens, feats):
        return self.mlp(torch.cat([self.tokens(tokens), feats], dim=1)).view(-1)


def average_precision(score, y):
    order = np.argsort(-score)
    hits = y[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits > 0].mean())


def evaluate(model, data):
    tokens, feats, y = data.tensors
    model.eval()
    with torch.no_grad():
        s = model(tokens, feats).numpy()
    return average_precision(s, y.numpy())


class Trainer:
    def __init__(self, cfg, train, valid):
        self.cfg, self.train, self.valid = cfg, train, valid
        y = train.tensors[2]
        self.model = FraudNet(cfg)
        self.loss = nn.BCEWithLogitsLoss(pos_weight=((1 - y).sum() / y.sum()).sqrt())
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=cfg["lr"], weight_decay=cfg["weight_decay"])
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg["epochs"])

    def run(self):
        for epoch in range(1, self.cfg["epochs"] + 1):
            self.model.train()
            total = 0.0
            for tokens, feats, y in DataLoader(self.train, batch_size=self.cfg["bs"], shuffle=True):
                self.opt.zero_grad()
                loss = self.loss(self.model(tokens, feats), y)
                loss.backward()
                self.opt.step()
                total += loss.item() * len(y)
            self.sched.step()
            logging.info("epoch %d loss %.4f  AP train %.3f valid %.3f", epoch, total / len(self.train),
                         evaluate(self.model, self.train), evaluate(self.model, self.valid))


if __name__ == "__main__":
    torch.manual_seed(CONFIG["seed"])
    rng = np.random.default_rng(CONFIG["seed"])
    train, valid = simulate(rng, 6000), simulate(rng, 3000)
    logging.info("fraud rate %.3f / %.3f", train.tensors[2].mean(), valid.tensors[2].mean())
    Trainer(CONFIG, train, valid).run()
