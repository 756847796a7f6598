"""Two-tower search: query tower and product tower share one token table, in-batch negatives."""
import json
import random

import torch
from torch import nn
import torch.nn.functional as F

HP = json.loads("""{"seed": 12, "products": 300, "pairs": 3600, "held": 600, "dim": 24, "batch": 60,
                    "accumulate": 2, "epochs": 8, "lr": 0.006, "temperature": 0.1}""")

BRANDS = [f"brand{i}" for i in range(30)]
NOUNS = """kettle lamp sofa tent drill mug chair rug fan pan knife shelf towel clock vase bench pillow blanket
bucket ladder mirror basket candle bottle tray""".split()
ADJ = "red blue black white small large folding wooden steel cordless outdoor soft".split()


def catalogue(rng):
    out = set()
    while len(out) < HP["products"]:
        out.add((rng.choice(BRANDS), rng.choice(NOUNS), *sorted(rng.sample(ADJ, 2))))
    return sorted(out)


def query_for(product, rng):
    """Shoppers type some of the words, in any order, and now and then something vague."""
    q = [w for w in product if rng.random() < 0.85]
    q += rng.sample(["cheap", "best", "buy", "near", "me", "sale"], rng.randint(0, 2))
    if product[1] not in q:
        q.append(product[1])
    rng.shuffle(q)
    return tuple(q)


class Tower(nn.Module):
    def __init__(self, table, dim):
        super().__init__()
        self.table = table
        self.proj = nn.Linear(dim, dim)

    def forward(self, flat, offsets):
        return F.normalize(self.proj(self.table(flat, offsets)), dim=1)


class TwoTower(nn.Module):
    def __init__(self, n_tokens, dim):
        super().__init__()
        self.table = nn.EmbeddingBag(n_tokens, dim, mode="sum")
        self.query, self.product = Tower(self.table, dim), Tower(self.table, dim)


def bag(texts, vocab):
    flat, offsets = [], []
    for t in texts:
        offsets.append(len(flat))
        flat += [vocab[w] for w in t]
    return torch.tensor(flat), torch.tensor(offsets)


def main():
    rng = random.Random(HP["seed"])
    torch.manual_seed(HP["seed"])
    products = catalogue(rng)
    vocab = {w: i for i, w in enumerate(BRANDS + NOUNS + ADJ + ["cheap", "best", "buy", "near", "me", "sale"])}
    # a query text is used once only, whatever product it was meant for
    pairs = {}
    while len(pairs) < HP["pairs"]:
        k = rng.randrange(len(products))
        pairs.setdefault(query_for(products[k], rng), k)
    pairs = list(pairs.items())
    rng.shuffle(pairs)
    held, train = pairs[:HP["held"]], pairs[HP["held"]:]

    net = TwoTower(len(vocab), HP["dim"])
    opt = torch.optim.Adam(net.parameters(), lr=HP["lr"])
    all_products = bag(products, vocab)

    def recall(rows, k):
        net.eval()
        with torch.no_grad():
            sims = net.query(*bag([q for q, _ in rows], vocab)) @ net.product(*all_products).t()
        gold = torch.tensor([p for _, p in rows])
        return (sims.topk(k, dim=1).indices == gold[:, None]).any(1).float().mean().item()

    for epoch in range(HP["epochs"]):
        net.train()
        rng.shuffle(train)
        total, steps = 0.0, 0
        opt.zero_grad()
        for s in range(0, len(train), HP["batch"]):
            rows = train[s:s + HP["batch"]]
            gold = torch.tensor([p for _, p in rows])
            sims = net.query(*bag([q for q, _ in rows], vocab)) @ net.product(*bag([products[p] for _, p in rows], vocab)).t()
            # the same product twice in a batch is no negative for itself
            twin = (gold[:, None] == gold[None, :]) & ~torch.eye(len(rows), dtype=torch.bool)
            logits = (sims / HP["temperature"]).masked_fill(twin, -1e4)
            loss = F.cross_entropy(logits, torch.arange(len(rows)))
            (loss / HP["accumulate"]).backward()
            steps += 1
            if steps % HP["accumulate"] == 0:
                opt.step()
                opt.zero_grad()
            total += loss.item()
        print(f"epoch {epoch} loss {total / steps:.4f} held recall@1 {recall(held, 1):.3f} recall@5 {recall(held, 5):.3f}")
    print(f"train recall@1 {recall(train, 1):.3f}   chance {1 / len(products):.4f}")


if __name__ == "__main__":
    main()
