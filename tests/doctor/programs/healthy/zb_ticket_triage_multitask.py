"""Support triage: queue (classes) and handling time (log minutes) from one encoder; the tasks weigh themselves."""
import logging

import numpy as np
import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
logger = logging.getLogger("triage")
CONFIG = {"dim": 20, "hidden": 32, "lr": 0.008, "epochs": 7, "batch_size": 64, "seed": 101}
QUEUES = {
    "billing": ("invoice charge vat refund discount bank", 2.5), "network": ("router wifi outage cable speed signal", 4.0),
    "account": ("login password email profile username access", 1.5), "hardware": ("screen battery keyboard fan broken cracked", 5.0),
}
EFFORT = {"urgent": 0.6, "again": 0.8, "simple": -0.7, "question": -0.5, "escalated": 1.0, "typo": -0.9}
OTHER = "hello my the is please with since support team thanks and cannot".split()


def tickets(rng, n):
    names, rows = list(QUEUES), []
    for _ in range(n):
        q = int(rng.integers(len(names)))
        words, minutes = QUEUES[names[q]]
        extra = list(rng.choice(list(EFFORT), rng.integers(0, 3), replace=False))
        ws = list(rng.choice(words.split(), rng.integers(1, 4), replace=False)) + extra + list(rng.choice(OTHER, 3))
        rng.shuffle(ws)
        rows.append((ws, q, minutes + sum(EFFORT[e] for e in extra) + rng.normal(0, 0.15)))
    return rows


class Triage(nn.Module):
    def __init__(self, n_words, n_queues, cfg):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, cfg["dim"], mode="sum")
        self.body = nn.Sequential(nn.Linear(cfg["dim"], cfg["hidden"]), nn.GELU())
        self.heads = nn.ModuleDict({"queue": nn.Linear(cfg["hidden"], n_queues), "time": nn.Linear(cfg["hidden"], 1)})
        self.log_var = nn.ParameterDict({"queue": nn.Parameter(torch.zeros(())), "time": nn.Parameter(torch.zeros(()))})

    def forward(self, batch):
        h = self.body(self.bag(batch["ids"], batch["offsets"]))
        return {"queue": self.heads["queue"](h), "time": self.heads["time"](h)[:, 0]}

    def loss(self, out, batch):
        parts = {"queue": nn.functional.cross_entropy(out["queue"], batch["queue"]),
                 "time": 0.5 * nn.functional.mse_loss(out["time"], batch["time"])}
        # Kendall et al.: precision-weighted, so the sum may well become negative
        total = sum(torch.exp(-self.log_var[k]) * v + 0.5 * self.log_var[k] for k, v in parts.items())
        return total, parts


def collate(rows, vocab, mu, sd):
    ids, offsets = [], []
    for ws, _, _ in rows:
        offsets.append(len(ids))
        ids += [vocab[w] for w in ws]
    return {"ids": torch.tensor(ids), "offsets": torch.tensor(offsets), "queue": torch.tensor([q for _, q, _ in rows]),
            "time": torch.tensor([(t - mu) / sd for _, _, t in rows], dtype=torch.float32)}


def evaluate(model, batch):
    model.eval()
    with torch.no_grad():
        out = model(batch)
    acc = (out["queue"].argmax(1) == batch["queue"]).float().mean().item()
    r2 = 1 - (out["time"] - batch["time"]).pow(2).mean().item() / batch["time"].var().item()
    return acc, r2


def main(cfg):
    rng = np.random.default_rng(cfg["seed"])
    torch.manual_seed(cfg["seed"])
    train, dev = tickets(rng, 2000), tickets(rng, 500)
    words = sorted({w for v, _ in QUEUES.values() for w in v.split()} | set(EFFORT) | set(OTHER))
    vocab = {w: i for i, w in enumerate(words)}
    times = [t for _, _, t in train]
    stats = (float(np.mean(times)), float(np.std(times)))
    model = Triage(len(vocab), len(QUEUES), cfg)
    opt = torch.optim.Adam([{"params": [p for n, p in model.named_parameters() if not n.startswith("log_var")]},
                            {"params": list(model.log_var.values()), "lr": 0.02}], lr=cfg["lr"])
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg["epochs"], eta_min=1e-4)
    full_train, full_dev = collate(train, vocab, *stats), collate(dev, vocab, *stats)
    for epoch in range(cfg["epochs"]):
        model.train()
        order = rng.permutation(len(train))
        sums = []
        for k in range(0, len(order), cfg["batch_size"]):
            batch = collate([train[i] for i in order[k:k + cfg["batch_size"]]], vocab, *stats)
            total, parts = model.loss(model(batch), batch)
            opt.zero_grad()
            total.backward()
            opt.step()
            sums.append((total.item(), parts["queue"].item(), parts["time"].item()))
        sched.step()
        logger.info("epoch %d total %.3f queue %.3f time %.3f", epoch + 1, *np.mean(sums, 0))
        logger.info("   train acc %.3f r2 %.3f | dev acc %.3f r2 %.3f", *evaluate(model, full_train), *evaluate(model, full_dev))


if __name__ == "__main__":
    main(CONFIG)
