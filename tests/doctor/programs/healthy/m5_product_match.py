"""Product matching: do two shop titles name the same product? Hashed pieces, siamese bag encoder."""
import logging
import random
import zlib
from typing import Any, Dict, List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

logging.basicConfig(level=logging.INFO, format="%(levelname)-5s %(message)s")
log = logging.getLogger("match")

CONFIG: Dict[str, Any] = {
    "buckets": 3000, "dim": 40, "products": 900, "held_products": 180, "copies": 4,
    "batch": 50, "micro_batches": 2, "epochs": 7, "lr": 2e-3, "patience": 4, "seed": 31,
    "checkpoint": "matcher.pt",
}
BRANDS = "Kestrel Nordhaus Vipo Altaria Brenn Lumex Okoda Pryde Sanvo Tekla".split()
KINDS = "drill kettle router lamp speaker toaster monitor blender printer heater".split()
COLOURS = "black white silver red blue green".split()
NOISE = "new sale original boxed 2-pack bundle eu-plug free-shipping".split()


def title(product: Tuple[str, str, str, str], rng: random.Random) -> str:
    brand, kind, model, colour = product
    parts = [brand, kind, model.replace("-", "") if rng.random() < 0.4 else model]
    if rng.random() < 0.7:
        parts.append(colour[:3] if rng.random() < 0.3 else colour)
    parts += rng.sample(NOISE, rng.randint(0, 2))
    if rng.random() < 0.5:
        rng.shuffle(parts)
    text = " ".join(parts)
    return text.upper() if rng.random() < 0.2 else text


def pieces(text: str) -> List[int]:
    flat = "^" + text.lower().replace("-", "") + "$"
    return [zlib.crc32(flat[i : i + n].encode()) % CONFIG["buckets"] for n in (2, 3) for i in range(len(flat) - n + 1)]


def catalogue(n: int, rng: random.Random) -> List[Tuple[str, str, str, str]]:
    found = set()
    while len(found) < n:
        code = f"{rng.choice('ABCDEFGHKLMNPRSTX')}{rng.choice('ABCDEFGHKLMNPRSTX')}-{rng.randint(100, 999)}"
        found.add((rng.choice(BRANDS), rng.choice(KINDS), code, rng.choice(COLOURS)))
    products = sorted(found)
    rng.shuffle(products)
    return products


def pairs(products: list, rng: random.Random) -> List[Tuple[List[int], List[int], float]]:
    out = []
    for p in products:
        # the hard negatives share brand and kind or the colour, never the model code
        near = [q for q in products if q[2] != p[2] and (q[:2] == p[:2] or q[1] == p[1])] or products
        for _ in range(CONFIG["copies"]):
            out.append((pieces(title(p, rng)), pieces(title(p, rng)), 1.0))
            q = rng.choice([x for x in near if x[2] != p[2]])
            out.append((pieces(title(p, rng)), pieces(title(q, rng)), 0.0))
    rng.shuffle(out)
    return out


class Matcher(nn.Module):
    def __init__(self, buckets: int, dim: int) -> None:
        super().__init__()
        self.grams = nn.EmbeddingBag(buckets, dim, mode="sum")
        nn.init.normal_(self.grams.weight, std=0.2)
        self.scale = nn.Parameter(torch.tensor(5.0))
        self.shift = nn.Parameter(torch.tensor(-2.0))

    def embed(self, rows: List[List[int]]) -> Tensor:
        flat = torch.tensor([g for r in rows for g in r])
        starts = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return F.normalize(self.grams(flat, starts), dim=-1)

    def forward(self, left: List[List[int]], right: List[List[int]]) -> Tensor:
        cosine = (self.embed(left) * self.embed(right)).sum(-1)
        return self.scale * cosine + self.shift


@torch.no_grad()
def evaluate(model: Matcher, data: list) -> Tuple[float, float]:
    model.eval()
    left, right, y = zip(*data)
    logits, target = model(list(left), list(right)), torch.tensor(y)
    return (F.binary_cross_entropy_with_logits(logits, target).item(),
            ((logits > 0).float() == target).float().mean().item())


def main() -> None:
    torch.manual_seed(CONFIG["seed"])
    rng = random.Random(CONFIG["seed"])
    products = catalogue(CONFIG["products"], rng)
    held = pairs(products[: CONFIG["held_products"]], rng)
    train = pairs(products[CONFIG["held_products"] :], rng)
    model = Matcher(CONFIG["buckets"], CONFIG["dim"])
    opt = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
    best, waited = float("inf"), 0
    log.info("before training: held-out loss %.3f accuracy %.3f", *evaluate(model, held))
    for epoch in range(CONFIG["epochs"]):
        model.train()
        rng.shuffle(train)
        for k, start in enumerate(range(0, len(train), CONFIG["batch"])):
            left, right, y = zip(*train[start : start + CONFIG["batch"]])
            loss = F.binary_cross_entropy_with_logits(model(list(left), list(right)), torch.tensor(y))
            (loss / CONFIG["micro_batches"]).backward()
            if (k + 1) % CONFIG["micro_batches"] == 0:
                opt.step()
                opt.zero_grad()
        loss_value, accuracy = evaluate(model, held)
        log.info("epoch %d held-out loss %.4f accuracy %.3f", epoch, loss_value, accuracy)
        if loss_value < best:
            best, waited = loss_value, 0
            torch.save(model.state_dict(), CONFIG["checkpoint"])
        else:
            waited += 1
            if waited >= CONFIG["patience"]:
                break
    model.load_state_dict(torch.load(CONFIG["checkpoint"]))
    log.info("train    loss %.4f accuracy %.3f", *evaluate(model, train))
    log.info("held-out loss %.4f accuracy %.3f", *evaluate(model, held))


if __name__ == "__main__":
    main()
