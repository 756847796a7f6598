"""Next-category recommender: attention over the visitor's click history + context features."""
import math
import random

import numpy as np
import torch
from torch import nn

SETTINGS = {
    "visitors": 4000, "history_max": 12, "dim": 24, "batch": 52, "rounds": 7,
    "lr": 3e-3, "dropout": 0.3, "stop_after": 2, "seed": 77,
}

DEPARTMENTS = ["garden", "kitchen", "toys", "audio", "sports"]
ITEMS_PER_DEPARTMENT = 15
REGIONS = 60
LANDING_PAGES = ["home", "newsletter", "search_ad", "coupon_site", "social"]


def simulate(n, rng):
    """(history of item names, (landing page, region), department bought from)"""
    rows, seen = [], set()
    while len(rows) < n:
        want = rng.randrange(len(DEPARTMENTS))
        clicks = []
        if rng.random() > 0.06:
            for _ in range(rng.randint(2, 14)):
                dep = want if rng.random() < 0.55 else rng.randrange(len(DEPARTMENTS))
                clicks.append(f"{DEPARTMENTS[dep]}_{rng.randrange(ITEMS_PER_DEPARTMENT)}")
        page = want if rng.random() < 0.4 else rng.randrange(len(LANDING_PAGES))
        context = (page, rng.randrange(REGIONS))
        key = (tuple(clicks), context)
        if key in seen:
            continue
        seen.add(key)
        rows.append((clicks, context, want))
    return rows


class Catalogue:
    PAD, START, OTHER = 0, 1, 2

    def __init__(self, rows):
        self.ids = {}
        for clicks, _, _ in rows:
            for item in clicks:
                self.ids.setdefault(item, len(self.ids) + 3)

    def __len__(self):
        return len(self.ids) + 3

    def history(self, clicks, limit):
        recent = [self.ids.get(c, self.OTHER) for c in clicks[-limit:]]
        # fault:
        return recent
        # mended:
        #return [self.START] + recent
        # end

    def batch(self, rows, limit):
        seqs = [self.history(clicks, limit) for clicks, _, _ in rows]
        ids = np.zeros((len(rows), limit + 1), dtype=np.int64)
        for i, s in enumerate(seqs):
            ids[i, :len(s)] = s
        context = torch.tensor([c for _, c, _ in rows])
        y = torch.tensor([w for _, _, w in rows])
        return torch.from_numpy(ids), context, y


class HistoryAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.scale = 1 / math.sqrt(dim)

    def forward(self, query, memory, blocked):
        att = (self.k(memory) @ self.q(query).unsqueeze(2)).squeeze(2) * self.scale
        att = att.masked_fill(blocked, float("-inf")).softmax(dim=1)
        return (att.unsqueeze(2) * self.v(memory)).sum(1)


class Recommender(nn.Module):
    def __init__(self, n_items, n_pages, n_out, dim, dropout):
        super().__init__()
        self.items = nn.Embedding(n_items, dim, padding_idx=Catalogue.PAD)
        self.pages = nn.Embedding(n_pages, dim)
        self.regions = nn.Embedding(REGIONS, dim)
        nn.init.normal_(self.regions.weight, std=0.05)
        self.att = HistoryAttention(dim)
        self.mix = nn.Sequential(nn.Linear(2 * dim, 48), nn.ReLU(), nn.Dropout(dropout), nn.Linear(48, n_out))

    def forward(self, ids, where):
        context = self.pages(where[:, 0]) + self.regions(where[:, 1])
        taste = self.att(context, self.items(ids), ids.eq(Catalogue.PAD))
        return self.mix(torch.cat([taste, context], dim=1))


def hit_rate(logits, y, k):
    return logits.topk(k, dim=1).indices.eq(y[:, None]).any(1).float().mean().item()


def run(s):
    rng = random.Random(s["seed"])
    torch.manual_seed(s["seed"])
    rows = simulate(s["visitors"], rng)
    train, valid = rows[:3380], rows[3380:]
    cat = Catalogue(train)
    model = Recommender(len(cat), len(LANDING_PAGES), len(DEPARTMENTS), s["dim"], s["dropout"])
    opt = torch.optim.Adam(model.parameters(), lr=s["lr"])
    crit = nn.CrossEntropyLoss()
    vx = cat.batch(valid, s["history_max"])
    best, waited = math.inf, 0
    for r in range(s["rounds"]):
        model.train()
        rng.shuffle(train)
        losses = []
        for b in range(0, len(train), s["batch"]):
            ids, where, y = cat.batch(train[b:b + s["batch"]], s["history_max"])
            loss = crit(model(ids, where), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            out = model(vx[0], vx[1])
        v = crit(out, vx[2]).item()
        print(f"round {r:2d} train {np.mean(losses):.4f} valid {v:.4f} "
              f"hit@1 {hit_rate(out, vx[2], 1):.3f} hit@2 {hit_rate(out, vx[2], 2):.3f}")
        if v < best:
            best, waited = v, 0
        else:
            waited += 1
        if waited == s["stop_after"]:
            print("early stop")
            break


if __name__ == "__main__":
    run(SETTINGS)
