"""Multi-label tagging of recipes from their ingredient lists (dict batches, attention pooling with a mask)."""
import random
from dataclasses import dataclass
import torch
from torch import nn, Tensor

LABELS = ["vegan", "gluten_free", "spicy", "dessert", "quick"]
MEAT = "chicken beef lamb bacon tuna ham salmon".split()
DAIRY = "milk butter cream cheese egg yoghurt".split()
WHEAT = "flour pasta bread noodles couscous".split()
HOT = "chilli cayenne jalapeno harissa wasabi".split()
SWEET = "sugar honey chocolate vanilla syrup".split()
SLOW = "braise marinate overnight proof simmer".split()
BASE = ("onion garlic carrot tomato rice potato lentils beans spinach pepper salt oil lemon ginger basil parsley oats apple "
        "banana walnut coconut tofu mushroom cumin lime corn peas leek").split()
WORDS = ["<pad>"] + BASE + MEAT + DAIRY + WHEAT + HOT + SWEET + SLOW
ID = {w: i for i, w in enumerate(WORDS)}


@dataclass(frozen=True)
class Recipe:
    items: tuple
    labels: tuple


def cook(r: random.Random) -> Recipe:
    items = r.sample(BASE, r.randint(3, 8))
    picks = {}
    for name, group, p in (("m", MEAT, .35), ("d", DAIRY, .35), ("w", WHEAT, .4), ("h", HOT, .3), ("s", SWEET, .3), ("l", SLOW, .4)):
        picks[name] = r.random() < p
        if picks[name]:
            items += r.sample(group, r.randint(1, 2))
    r.shuffle(items)
    return Recipe(tuple(items), (int(not picks["m"] and not picks["d"]), int(not picks["w"]), int(picks["h"]),
                                 int(picks["s"]), int(not picks["l"])))


def collate(rs) -> dict[str, Tensor]:
    T = max(len(x.items) for x in rs)
    ids = torch.tensor([[ID[i] for i in x.items] + [0] * (T - len(x.items)) for x in rs])
    return {"ids": ids, "mask": ids.ne(0), "labels": torch.tensor([x.labels for x in rs], dtype=torch.float)}


class AttentionTagger(nn.Module):
    """one learned query per label"""

    def __init__(self, d: int = 24):
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), d, padding_idx=0)
        self.query = nn.Parameter(torch.randn(len(LABELS), d) / d ** .5)
        self.w = nn.Parameter(torch.randn(len(LABELS), d) / d ** .5)
        self.b = nn.Parameter(torch.zeros(len(LABELS)))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        e = self.embed(ids)                                            # B T D
        att = torch.einsum("btd,ld->blt", e, self.query)
        att = att.masked_fill(~mask[:, None, :], -1e9).softmax(dim=2)
        pooled = torch.einsum("blt,btd->bld", att, e)
        return (pooled * self.w).sum(-1) + self.b


def micro_f1(model, rs):
    model.eval()
    with torch.no_grad():
        b = collate(rs)
        p = model(b["ids"], b["mask"]) > 0
    y = b["labels"].bool()
    return (2 * (p & y).sum() / (p.sum() + y.sum())).item(), (p == y).float().mean(0).tolist()


def main():
    r = random.Random(4)
    torch.manual_seed(4)
    book = list({cook(r): None for _ in range(3000)})
    r.shuffle(book)
    test, train = book[:500], book[500:]
    model = AttentionTagger()
    opt = torch.optim.Adam(model.parameters(), lr=2e-2)
    loss_fn = nn.BCEWithLogitsLoss()
    for epoch in range(6):
        if epoch == 4:
            opt.param_groups[0]["lr"] = 5e-3
        model.train()
        r.shuffle(train)
        losses = []
        for k in range(0, len(train), 50):
            batch = collate(train[k:k + 50])
            opt.zero_grad()
            loss = loss_fn(model(batch["ids"], batch["mask"]), batch["labels"])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} test micro-F1 {micro_f1(model, test)[0]:.4f}")
    f, per = micro_f1(model, test)
    print("train F1 %.4f  test F1 %.4f " % (micro_f1(model, train)[0], f), {l: round(a, 3) for l, a in zip(LABELS, per)})


if __name__ == "__main__":
    main()
