"""Key-value memory: a price list is read, one item is asked for, its price class is the answer."""
import math
import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

random.seed(2); torch.manual_seed(2)
ITEMS = ("apple pear plum melon grape lemon fig date olive onion leek carrot radish beet kale spinach rice oat barley lentil "
         "bean pea corn honey butter cheese yoghurt milk cream egg").split()
PRICES = ["cheap", "fair", "dear", "luxury", "free"]
SLOTS = 8


def example():
    n = random.randint(3, 7)
    items = random.sample(ITEMS, n)
    prices = [random.choice(PRICES) for _ in items]
    k = random.randrange(n)
    return {"items": items, "prices": prices, "ask": items[k], "answer": prices[k]}


item_id = {w: i + 1 for i, w in enumerate(ITEMS)}
price_id = {w: i + 1 for i, w in enumerate(PRICES)}


def collate(rows):
    batch = {"items": torch.zeros(len(rows), SLOTS, dtype=torch.long), "prices": torch.zeros(len(rows), SLOTS, dtype=torch.long)}
    for r, row in enumerate(rows):
        batch["items"][r, :len(row["items"])] = torch.tensor([item_id[w] for w in row["items"]])
        batch["prices"][r, :len(row["prices"])] = torch.tensor([price_id[w] for w in row["prices"]])
    batch["ask"] = torch.tensor([item_id[row["ask"]] for row in rows])
    batch["answer"] = torch.tensor([price_id[row["answer"]] - 1 for row in rows])
    return batch


class Memory(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.key = nn.Embedding(len(ITEMS) + 1, dim, padding_idx=0)
        self.query = nn.Embedding(len(ITEMS) + 1, dim, padding_idx=0)
        self.value = nn.Embedding(len(PRICES) + 1, dim, padding_idx=0)
        self.answer = nn.Linear(dim, len(PRICES))

    def forward(self, batch):
        k, v, q = self.key(batch["items"]), self.value(batch["prices"]), self.query(batch["ask"])
        scores = torch.bmm(k, q.unsqueeze(2)).squeeze(2) / math.sqrt(k.size(-1))
        # fault:
        blocked = batch["items"].ne(0)
        # mended:
        # blocked = batch["items"].eq(0)
        # end
        weights = scores.masked_fill(blocked, -1e9).softmax(dim=1)
        read = torch.bmm(weights.unsqueeze(1), v).squeeze(1)
        return self.answer(read)


train_rows, test_rows = [example() for _ in range(2400)], [example() for _ in range(500)]
train_loader = DataLoader(train_rows, batch_size=48, shuffle=True, collate_fn=collate)
test_batch = collate(test_rows)
model = Memory()
opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-3)
for epoch in range(7):
    model.train()
    seen = loss_sum = 0
    for batch in train_loader:
        loss = F.cross_entropy(model(batch), batch["answer"])
        opt.zero_grad(); loss.backward(); opt.step()
        loss_sum += loss.item() * len(batch["answer"]); seen += len(batch["answer"])
    model.eval()
    with torch.no_grad():
        out = model(test_batch)
    acc = (out.argmax(1) == test_batch["answer"]).float().mean().item()
    print(f"epoch {epoch}: train loss {loss_sum / seen:.4f}, test loss {F.cross_entropy(out, test_batch['answer']).item():.4f}, accuracy {acc:.3f}")
