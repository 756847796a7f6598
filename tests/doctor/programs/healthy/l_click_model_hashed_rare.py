"""Click-through model: query x ad title, hashed embeddings, rare clicks. Reports log loss, calibration and ROC AUC."""
import hashlib, random, sys, time
from dataclasses import dataclass
from functools import lru_cache
from typing import List, Sequence, Tuple
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.metrics import roc_auc_score, log_loss

TOPICS = {
    "travel": "flight hotel beach ticket visa".split(),
    "garden": "rose shovel seed lawn mower".split(),
    "finance": "loan credit bank stock fund".split(),
    "sport": "ball racket gym bike golf".split(),
    "kitchen": "pan knife oven recipe grill".split(),
}
GENERIC = "cheap best online buy near free review sale top the for".split()


@dataclass
class HParams:
    buckets: int = 4096
    dim: int = 5
    batch_size: int = 192
    lr: float = 2e-2
    epochs: int = 4
    seed: int = 99


@dataclass
class Impression:
    query: List[str]
    title: List[str]
    clicked: int


def simulate(n: int, rng: np.random.Generator) -> List[Impression]:
    names, pick = list(TOPICS), random.Random(int(rng.integers(1 << 30)))
    out = []
    for _ in range(n):
        a = pick.choice(names)
        b = a if pick.random() < .05 else pick.choice(names)
        q = pick.sample(TOPICS[a], 2) + pick.sample(GENERIC, 1)
        t = pick.sample(TOPICS[b], 3) + pick.sample(GENERIC, 2)
        logit = -5.5 + (4.2 if a == b else 0) + (1.0 if "free" in t else 0) - (.8 if "review" in t else 0)
        out.append(Impression(q, t, int(pick.random() < 1 / (1 + np.exp(-logit)))))
    return out


@lru_cache(maxsize=None)
def bucket(token: str, space: str, size: int) -> int:
    return int.from_bytes(hashlib.md5(f"{space}={token}".encode()).digest()[:4], "little") % size


class Impressions(Dataset):
    def __init__(self, rows: Sequence[Impression], hp: HParams) -> None:
        self.q = torch.tensor([[bucket(w, "q", hp.buckets) for w in r.query] for r in rows])
        self.t = torch.tensor([[bucket(w, "t", hp.buckets) for w in r.title] for r in rows])
        self.y = torch.tensor([float(r.clicked) for r in rows])

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, i: int) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.q[i], self.t[i], self.y[i]


class TwoTowerWide(nn.Module):
    """dot product of the towers (deep) + per-bucket weights (wide) + prior"""

    def __init__(self, hp: HParams, prior: float) -> None:
        super().__init__()
        self.deep = nn.Embedding(hp.buckets, hp.dim)
        self.wide = nn.Embedding(hp.buckets, 1)
        nn.init.normal_(self.deep.weight, std=.3)
        nn.init.zeros_(self.wide.weight)
        # start from the base rate: most rows would otherwise be a surprise in the first steps
        self.bias = nn.Parameter(torch.tensor(float(np.log(prior / (1 - prior)))))

    def forward(self, q: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        match = (self.deep(q).mean(1) * self.deep(t).mean(1)).sum(-1)
        return self.bias + match + self.wide(torch.cat([q, t], 1)).sum((1, 2))


@torch.no_grad()
def probabilities(model: nn.Module, data: Impressions) -> np.ndarray:
    model.eval()
    return torch.sigmoid(model(data.q, data.t)).double().numpy()


def main() -> int:
    hp = HParams()
    torch.manual_seed(hp.seed)
    rng = np.random.default_rng(hp.seed)
    train, valid = Impressions(simulate(9000, rng), hp), Impressions(simulate(3000, rng), hp)
    prior = train.y.mean().item()
    model = TwoTowerWide(hp, prior)
    opt = torch.optim.Adam(model.parameters(), lr=hp.lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, .5)
    bce = nn.BCEWithLogitsLoss()
    loader = DataLoader(train, batch_size=hp.batch_size, shuffle=True)
    print(f"clicks: train {prior:.3%} valid {valid.y.mean():.3%}; log loss of the prior "
          f"{log_loss(valid.y.numpy(), np.full(len(valid), prior)):.4f}")
    for epoch in range(hp.epochs):
        model.train()
        t0 = time.perf_counter()
        for q, t, y in loader:
            opt.zero_grad()
            loss = bce(model(q, t), y)
            loss.backward()
            opt.step()
        sched.step()
        p, pt = probabilities(model, valid), probabilities(model, train)
        print(f"epoch {epoch}: valid logloss {log_loss(valid.y.numpy(), p):.4f} auc {roc_auc_score(valid.y, p):.4f} "
              f"(train auc {roc_auc_score(train.y, pt):.4f}) predicted rate {p.mean():.3%} {time.perf_counter() - t0:.1f}s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
