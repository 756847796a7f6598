# Delivery time model: entity embeddings + predicted uncertainty (gaussian NLL)
import json
import logging
import sys
import numpy as np
import torch
from torch import nn

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="[%(levelname)s] %(message)s")
log = logging.getLogger("eta")

PARAMS = json.loads('{"seed": 5, "rows": 6000, "batch": 128, "epochs": 8, "lr": 0.008, "emb": [4, 3, 2]}')
CARD = [40, 12, 7]                       # depot, carrier, weekday


def simulate(rng, n, effects):
    cats = np.stack([rng.integers(0, c, n) for c in CARD], 1)
    km = rng.uniform(0, 1, n)
    mean = sum(e[cats[:, j]] for j, e in enumerate(effects)) + 0.8 * km + 0.3 * km * effects[1][cats[:, 1]]
    noise = 0.02 + 0.10 * (cats[:, 1] % 3 == 0) + 0.05 * km
    return torch.tensor(cats), torch.tensor(km, dtype=torch.float32)[:, None], torch.tensor(mean + noise * rng.normal(size=n), dtype=torch.float32)


class Eta(nn.Module):
    def __init__(self, emb):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(c, d) for c, d in zip(CARD, emb))
        self.trunk = nn.Sequential(nn.Linear(sum(emb) + 1, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU())
        self.mu = nn.Linear(32, 1)
        self.raw_var = nn.Linear(32, 1)

    def forward(self, cats, km):
        h = self.trunk(torch.cat([t(cats[:, j]) for j, t in enumerate(self.tables)] + [km], dim=1))
        return self.mu(h).squeeze(1), nn.functional.softplus(self.raw_var(h)).squeeze(1) + 1e-4


def report(model, data, y_mean):
    model.eval()
    cats, km, y = data
    with torch.no_grad():
        mu, var = model(cats, km)
        nll = nn.functional.gaussian_nll_loss(mu, y, var).item()
    r2 = 1 - ((y - mu) ** 2).mean().item() / ((y - y_mean) ** 2).mean().item()
    inside = ((y - mu).abs() < 1.96 * var.sqrt()).float().mean().item()
    return nll, r2, inside


def main():
    torch.manual_seed(PARAMS["seed"])
    rng = np.random.default_rng(PARAMS["seed"])
    effects = [rng.normal(0, s, c) for s, c in zip((0.3, 0.25, 0.15), CARD)]
    train, valid = simulate(rng, PARAMS["rows"], effects), simulate(rng, 1500, effects)
    y_mean = train[2].mean()
    model = Eta(PARAMS["emb"])
    steps = PARAMS["epochs"] * -(-PARAMS["rows"] // PARAMS["batch"])
    opt = torch.optim.AdamW(model.parameters(), lr=PARAMS["lr"], weight_decay=1e-4)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=PARAMS["lr"], total_steps=steps, pct_start=0.2)
    for epoch in range(PARAMS["epochs"]):
        model.train()
        sums = 0.0
        for idx in torch.randperm(PARAMS["rows"]).split(PARAMS["batch"]):
            mu, var = model(train[0][idx], train[1][idx])
            loss = nn.functional.gaussian_nll_loss(mu, train[2][idx], var)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            opt.step()
            sched.step()
            sums += loss.item() * len(idx)
        log.info("epoch %d train nll %.4f | valid nll %.4f r2 %.4f coverage95 %.3f", epoch, sums / PARAMS["rows"], *report(model, valid, y_mean))
    log.info("train nll %.4f r2 %.4f coverage95 %.3f", *report(model, train, y_mean))


if __name__ == "__main__":
    main()
