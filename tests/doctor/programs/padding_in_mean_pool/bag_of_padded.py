"""Stars of a review: dictionaries as batches, nn.EmbeddingBag over a padded matrix."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(4)
torch.manual_seed(4)
value = {f"adj{i}": (i % 9) / 2 - 2 for i in range(54)} | {f"noun{i}": 0.0 for i in range(30)}
ids = {"[PAD]": 0, **{w: i + 1 for i, w in enumerate(value)}}


def review(_):
    t = random.choices(list(value), k=random.randint(1, 15))
    return {"tokens": [ids[w] for w in t], "stars": sum(value[w] for w in t) / len(t)}


data = [review(i) for i in range(1300)]


def collate(rows):
    width = max(len(r["tokens"]) for r in rows)
    return {
        "input_ids": torch.tensor([r["tokens"] + [0] * (width - len(r["tokens"])) for r in rows]),
        "stars": torch.tensor([r["stars"] for r in rows]),
    }


class Stars(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag(len(ids), 12, mode="mean")
        # mended:
        # self.bag = nn.EmbeddingBag(len(ids), 12, mode="mean", padding_idx=0)
        # end
        self.out = nn.Linear(12, 1)

    def forward(self, input_ids):
        return {"stars": self.out(self.bag(input_ids)).squeeze(-1)}


model = Stars()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
for epoch in range(8):
    for batch in DataLoader(data[:1000], 20, shuffle=True, collate_fn=collate):
        loss = nn.functional.l1_loss(model(batch["input_ids"])["stars"], batch["stars"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        batch = collate(data[1000:])
        print(epoch, round(loss.item(), 4), "dev", (model(batch["input_ids"])["stars"] - batch["stars"]).abs().mean().item())
