"""
Which product stands on the wrong shelf?

A shelf is a row of seven products, six from one department and one stray.
The model gives every product a score, given the product and the shelf as a whole.
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

random.seed(23)
torch.manual_seed(23)

DEPARTMENTS = {
    "dairy": "milk butter cream yoghurt cheddar brie quark kefir mozzarella feta ghee custard".split(),
    "bakery": "bread rolls baguette bagel croissant muffin brioche toast pita scone donut pretzel".split(),
    "fruit": "apple pear plum cherry grape melon mango peach kiwi lemon orange banana".split(),
    "vegetables": "carrot leek onion spinach potato cabbage celery pepper beetroot radish kale pea".split(),
    "cleaning": "soap bleach sponge mop bucket detergent polish brush broom duster wipes cloth".split(),
    "stationery": "pencil eraser ruler notebook stapler glue marker envelope folder scissors tape pen".split(),
    "drinks": "water cola lemonade juice beer wine cider tea coffee cocoa tonic squash".split(),
    "pets": "kibble litter leash collar birdseed hay chewbone catnip aquarium cage hamster flea-comb".split(),
}
PRODUCTS = [p for items in DEPARTMENTS.values() for p in items]
INDEX = {p: i for i, p in enumerate(PRODUCTS)}
WIDTH = 7


def shelf():
    home, other = random.sample(list(DEPARTMENTS), 2)
    items = random.sample(DEPARTMENTS[home], WIDTH - 1)
    spot = random.randrange(WIDTH)
    items.insert(spot, random.choice(DEPARTMENTS[other]))
    return tuple(items), spot


class Shelves(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        items, spot = self.rows[i]
        return torch.tensor([INDEX[p] for p in items]), spot


rows = {}
while len(rows) < 5000:
    items, spot = shelf()
    rows[items] = spot
rows = list(rows.items())
train_loader = DataLoader(Shelves(rows[:4200]), batch_size=50, shuffle=True)
test_loader = DataLoader(Shelves(rows[4200:]), batch_size=50)


class StrayFinder(nn.Module):
    def __init__(self, n_products, dim=24, hidden=48):
        super().__init__()
        self.products = nn.Embedding(n_products, dim)
        self.score = nn.Sequential(nn.Linear(3 * dim, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, x):
        e = self.products(x)                                # batch, width, dim
        # fault:
        context = e.mean(dim=0, keepdim=True).expand_as(e)
        # mended:
        #context = e.mean(dim=1, keepdim=True).expand_as(e)
        # end
        return self.score(torch.cat([e, context, e * context], dim=-1)).squeeze(-1)


model = StrayFinder(len(PRODUCTS))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

for epoch in range(1, 13):
    model.train()
    loss_sum = 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
    print(f"[{epoch:2d}] loss {loss_sum / len(train_loader):.3f}  found {correct / len(test_loader.dataset):.3f}")
print(f"guessing would find {1 / WIDTH:.3f}")
