"""Two-tower retrieval: query tower and listing tower, in-batch negatives, recall@5 over the whole catalogue."""
import logging
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
logger = logging.getLogger("two_tower")
config = dict(dim=32, temperature=0.1, lr=0.01, epochs=6, batch_size=64, seed=42)

COLORS = "red blue green black white brown yellow".split()
MATERIALS = "leather cotton steel wooden plastic glass".split()
THINGS = "chair table lamp jacket boots bottle bag shelf mug clock".split()
CATALOG = [(c, m, t) for c in COLORS for m in MATERIALS for t in THINGS]
ALIASES = {"chair": "seat", "jacket": "coat", "bag": "purse", "bottle": "flask", "wooden": "oak", "lamp": "light"}
FILLERS = "buy cheap nice a the for my need want".split()


def query(rng, item):
    ws = [ALIASES[w] if w in ALIASES and rng.random() < 0.4 else w for w in item] + rng.sample(FILLERS, rng.randint(1, 3))
    rng.shuffle(ws)
    return ws


class Tower(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, dim, mode="sum", padding_idx=0)
        self.proj = nn.Linear(dim, dim)

    def forward(self, ids):
        return F.normalize(self.proj(self.words(ids)), dim=-1)


def ids_of(rows, vocab, width):
    return torch.tensor([[vocab[w] for w in r] + [0] * (width - len(r)) for r in rows])


def main():
    rng = random.Random(config["seed"])
    torch.manual_seed(config["seed"])
    words = sorted({w for item in CATALOG for w in item} | set(ALIASES.values()) | set(FILLERS))
    vocab = {w: i + 1 for i, w in enumerate(words)}
    catalog_ids = ids_of(CATALOG, vocab, 3)
    order = list(range(len(CATALOG)))
    rng.shuffle(order)
    seen, fresh = order[:340], order[340:]  # the last 80 listings have never been clicked
    clicks = [(k, query(rng, CATALOG[k])) for k in seen for _ in range(6)]
    held = [(k, query(rng, CATALOG[k])) for k in fresh for _ in range(5)]
    q_tower, i_tower = Tower(len(vocab) + 1, config["dim"]), Tower(len(vocab) + 1, config["dim"])
    params = list(q_tower.parameters()) + list(i_tower.parameters())
    opt = torch.optim.Adam(params, lr=config["lr"])
    steps = config["epochs"] * (len(clicks) // config["batch_size"])
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=config["lr"], total_steps=steps)
    held_q, held_k = ids_of([q for _, q in held], vocab, 6), torch.tensor([k for k, _ in held])
    for epoch in range(config["epochs"]):
        rng.shuffle(clicks)
        total = 0.0
        n = len(clicks) // config["batch_size"]
        for b in range(n):
            part = clicks[b * config["batch_size"]:(b + 1) * config["batch_size"]]
            k = torch.tensor([c[0] for c in part])
            sim = q_tower(ids_of([c[1] for c in part], vocab, 6)) @ i_tower(catalog_ids[k]).t() / config["temperature"]
            same = k[:, None] == k[None, :]
            same.fill_diagonal_(False)
            sim = sim.masked_fill(same, float("-inf"))  # the same listing twice in a batch is no negative
            loss = F.cross_entropy(sim, torch.arange(len(part)))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item()
        with torch.no_grad():
            top = (q_tower(held_q) @ i_tower(catalog_ids).t()).topk(5).indices
            recall = (top == held_k[:, None]).any(1).float().mean().item()
            first = (top[:, 0] == held_k).float().mean().item()
        logger.info("epoch %d loss %.3f, new listings: recall@1 %.3f recall@5 %.3f", epoch, total / n, first, recall)


main()
