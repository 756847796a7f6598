"""Fraud score for card baskets: each basket is a bag of merchant and terminal codes.

The code vectors come from the network team's co-payment embedding (they carry a lot of the risk signal
already) and are tuned together with the head. Most codes turn up only a few times per month.
"""
import json
import random

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

CFG = json.loads("""
{"seed": 58, "baskets": 4600, "held_out": 1000, "codes": 5000, "dim": 16,
 "batch": 32, "passes": 2, "table_lr": 0.015, "table_betas": [0.98, 0.999], "head_lr": 0.003}
""")


def copayment_embedding(cfg):
    """Latent risk of every code and the vectors that the network team ships for them."""
    gen = np.random.default_rng(cfg["seed"])
    risk = gen.normal(0, 1, cfg["codes"])
    direction = gen.normal(0, 1, cfg["dim"])
    direction *= 0.3 / np.abs(direction).mean()
    vectors = risk[:, None] * direction + gen.normal(0, 0.25, (cfg["codes"], cfg["dim"]))
    return risk, vectors.astype(np.float32)


def build(cfg):
    rng = random.Random(cfg["seed"])
    risk, vectors = copayment_embedding(cfg)
    rows = {}
    while len(rows) < cfg["baskets"]:
        codes = tuple(rng.sample(range(cfg["codes"]), rng.randint(4, 9)))
        logit = 5.0 * float(np.mean(risk[list(codes)]))
        rows.setdefault(codes, int(rng.random() < 1 / (1 + np.exp(-logit))))
    rows = list(rows.items())
    cut = cfg["baskets"] - cfg["held_out"]
    return rows[:cut], rows[cut:], torch.from_numpy(vectors)


def bagged(rows):
    flat, offsets = [], []
    for codes, _ in rows:
        offsets.append(len(flat))
        flat += codes
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([float(y) for _, y in rows])


class BasketScorer(nn.Module):
    def __init__(self, table, sparse):
        super().__init__()
        self.tokens = nn.EmbeddingBag.from_pretrained(table.clone(), mode="mean", freeze=False, sparse=sparse)
        self.head = nn.Sequential(nn.Linear(table.shape[1], 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, flat, offsets):
        return self.head(self.tokens(flat, offsets)).squeeze(1)


def precision_at(scores, y, share):
    k = int(len(y) * share)
    return y[scores.topk(k).indices].mean().item()


def measure(model, data):
    model.eval()
    with torch.no_grad():
        out = model(data[0], data[1])
    acc = ((out > 0) == (data[2] == 1)).float().mean().item()
    return F.binary_cross_entropy_with_logits(out, data[2]).item(), acc, precision_at(out, data[2], 0.3)


def main(cfg):
    torch.manual_seed(cfg["seed"])
    train, held, table = build(cfg)
    # fault:
    model = BasketScorer(table, sparse=False)
    table_opt = torch.optim.Adam(model.tokens.parameters(), lr=cfg["table_lr"], betas=cfg["table_betas"])
    # mended:
    #model = BasketScorer(table, sparse=True)
    #table_opt = torch.optim.SparseAdam(list(model.tokens.parameters()), lr=cfg["table_lr"], betas=cfg["table_betas"])
    # end
    head_opt = torch.optim.Adam(model.head.parameters(), lr=cfg["head_lr"])
    train_bag, held_bag = bagged(train), bagged(held)
    print("codes", len(table), "fraud share", round(held_bag[2].mean().item(), 3))
    rng = random.Random(cfg["seed"])
    for p in range(cfg["passes"]):
        model.train()
        rng.shuffle(train)
        for s in range(0, len(train), cfg["batch"]):
            flat, offsets, y = bagged(train[s:s + cfg["batch"]])
            loss = F.binary_cross_entropy_with_logits(model(flat, offsets), y)
            table_opt.zero_grad()
            head_opt.zero_grad()
            loss.backward()
            table_opt.step()
            head_opt.step()
        print("pass %d  train loss %.3f acc %.3f" % (p, *measure(model, train_bag)[:2]),
              " held-out loss %.3f acc %.3f p@30%% %.3f" % measure(model, held_bag))


if __name__ == "__main__":
    main(CFG)
