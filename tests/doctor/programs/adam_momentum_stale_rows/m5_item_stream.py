"""Fashion demand: the sales archive is read week by week, every week has its own short-lived articles."""
import logging
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("longtail")


@dataclass
class Cfg:
    weeks: int = 60
    per_week: int = 40
    rows_per_week: int = 640
    shops: int = 25
    dim: int = 4
    batch: int = 64
    passes: int = 4
    lr_tables: float = 0.03
    lr_head: float = 0.003
    seed: int = 8


class Sales:
    """Sales rows (article, shop, log units); no pair occurs twice."""

    def __init__(self, cfg: Cfg) -> None:
        rng = np.random.default_rng(cfg.seed)
        articles = cfg.weeks * cfg.per_week
        base = rng.normal(0, 0.8, articles)
        size = rng.normal(0, 0.5, cfg.shops)
        self.weeks, test = [], []
        for w in range(cfg.weeks):
            cells = rng.permutation(cfg.per_week * cfg.shops)[: cfg.rows_per_week + 80]
            art, shop = w * cfg.per_week + cells // cfg.shops, cells % cfg.shops
            y = base[art] + size[shop] + rng.normal(0, 0.3, len(cells))
            columns = [torch.from_numpy(c) for c in (art, shop, y.astype(np.float32))]
            self.weeks.append([c[80:] for c in columns])
            test.append([c[:80] for c in columns])
        self.train = tuple(torch.cat(c) for c in zip(*self.weeks))
        self.test = tuple(torch.cat(c) for c in zip(*test))


class LongTail(nn.Module):
    def __init__(self, cfg: Cfg) -> None:
        super().__init__()
        # fault:
        self.article = nn.Embedding(cfg.weeks * cfg.per_week, cfg.dim)
        # mended:
        #self.article = nn.Embedding(cfg.weeks * cfg.per_week, cfg.dim, sparse=True)
        # end
        self.shop = nn.Embedding(cfg.shops, cfg.dim)
        nn.init.normal_(self.article.weight, std=0.1)
        self.mlp = nn.Sequential(nn.Linear(2 * cfg.dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, art: torch.Tensor, shop: torch.Tensor) -> torch.Tensor:
        return self.mlp(torch.cat([self.article(art), self.shop(shop)], dim=-1)).squeeze(-1)


def optimisers(model: LongTail, cfg: Cfg) -> list[torch.optim.Optimizer]:
    rest = [p for n, p in model.named_parameters() if n != "article.weight"]
    return [
        # fault:
        torch.optim.Adam([model.article.weight], lr=cfg.lr_tables),
        # mended:
        #torch.optim.SparseAdam([model.article.weight], lr=cfg.lr_tables),
        # end
        torch.optim.Adam(rest, lr=cfg.lr_head),
    ]


@torch.no_grad()
def r2(model: LongTail, part: tuple[torch.Tensor, ...]) -> float:
    model.eval()
    art, shop, y = part
    return 1 - ((model(art, shop) - y) ** 2).mean().item() / y.var().item()


def main() -> None:
    cfg = Cfg()
    torch.manual_seed(cfg.seed)
    data = Sales(cfg)
    model = LongTail(cfg)
    opts = optimisers(model, cfg)
    for n in range(cfg.passes):
        losses = []
        for w in torch.randperm(cfg.weeks).tolist():
            model.train()
            art, shop, y = data.weeks[w]
            for idx in torch.randperm(len(y)).split(cfg.batch):
                loss = nn.functional.mse_loss(model(art[idx], shop[idx]), y[idx])
                for o in opts:
                    o.zero_grad()
                loss.backward()
                for o in opts:
                    o.step()
                losses.append(loss.item())
        log.info("pass %d loss %.4f train r2 %.3f test r2 %.3f", n + 1, np.mean(losses), r2(model, data.train), r2(model, data.test))
    log.info("final test r2 %.3f", r2(model, data.test))


if __name__ == "__main__":
    main()
