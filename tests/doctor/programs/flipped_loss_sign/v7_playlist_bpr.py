"""Playlist continuation: rank the next track given the last four, pairwise objective (BPR)."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class Cfg:
    tracks: int = 240
    moods: int = 12
    width: int = 24
    history: int = 4
    batch: int = 128
    steps: int = 600
    lr: float = 5e-3
    decay: float = 1e-5
    seed: int = 17


def make_sessions(cfg, n, rng):
    """Listeners stay in a mood, and sometimes skip to the mood that is next door."""
    per = cfg.tracks // cfg.moods
    weights = [1.0 / (1 + i) ** 0.7 for i in range(per)]
    rows = set()
    while len(rows) < n:
        mood = rng.randrange(cfg.moods)
        row = []
        for _ in range(cfg.history + 1):
            m = mood if rng.random() < 0.85 else (mood + rng.choice([-1, 1])) % cfg.moods
            row.append(m * per + rng.choices(range(per), weights)[0])
        rows.add(tuple(row))
    rows = sorted(rows)
    rng.shuffle(rows)
    return torch.tensor(rows)


def build(cfg):
    g = torch.Generator().manual_seed(cfg.seed)

    def normal(*shape, scale):
        return (torch.randn(*shape, generator=g) * scale).requires_grad_()

    return {
        "track": normal(cfg.tracks, cfg.width, scale=0.1),
        "next": normal(cfg.tracks, cfg.width, scale=0.1),
        "mix.w": normal(cfg.width, cfg.width, scale=1 / math.sqrt(cfg.width)),
        "mix.b": torch.zeros(cfg.width, requires_grad=True),
        "bias": torch.zeros(cfg.tracks, requires_grad=True),
    }


def listener(p, hist):
    ctx = F.embedding(hist, p["track"]).mean(1)
    return ctx + torch.tanh(F.linear(ctx, p["mix.w"], p["mix.b"]))


def score(p, user, item):
    return (user * p["next"][item]).sum(-1) + p["bias"][item]


def bpr(pos, neg):
    # fault:
    return F.logsigmoid(pos - neg).mean()
    # mended:
    #return -F.logsigmoid(pos - neg).mean()
    # end


@torch.no_grad()
def rank_metrics(p, cfg, rows):
    hist, target = rows[:, :-1], rows[:, -1]
    full = listener(p, hist) @ p["next"].T + p["bias"]
    gold = full.gather(1, target[:, None])
    better = (full > gold).sum(1).float()
    auc = 1 - (better / (cfg.tracks - 1)).mean()
    hit = (better < 20).float().mean()
    return auc.item(), hit.item()


def main():
    cfg = Cfg()
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    data = make_sessions(cfg, 7000, rng)
    train, held = data[:6000], data[6000:]
    params = build(cfg)
    opt = torch.optim.Adam(params.values(), lr=cfg.lr, weight_decay=cfg.decay)
    for step in range(1, cfg.steps + 1):
        batch = train[torch.randint(len(train), (cfg.batch,))]
        user = listener(params, batch[:, :-1])
        negatives = torch.randint(cfg.tracks, (cfg.batch,))
        loss = bpr(score(params, user, batch[:, -1]), score(params, user, negatives))
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 150 == 0:
            auc, hit = rank_metrics(params, cfg, held)
            print(f"{step:5d} objective {loss.item():+.4f}  auc {auc:.3f}  hit@20 {hit:.3f}")
    auc, hit = rank_metrics(params, cfg, held)
    t_auc, t_hit = rank_metrics(params, cfg, train[:1000])
    print(f"train auc {t_auc:.3f} hit@20 {t_hit:.3f} | held-out auc {auc:.3f} hit@20 {hit:.3f}")


if __name__ == "__main__":
    main()
