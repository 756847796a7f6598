import random

import torch
from torch import nn

random.seed(61)
torch.manual_seed(61)
TEAMS = {
    "backend": "database server query latency index migration".split(),
    "frontend": "button layout colour font margin scroll".split(),
    "mobile": "android iphone swipe notification tablet gesture".split(),
    "security": "exploit password token leak encryption audit".split(),
}
CHAT = "we should fix this before release because users see it when they open page again".split()
ids = {w: i for i, w in enumerate(CHAT + sum(TEAMS.values(), []))}


def issue():
    team = random.randrange(4)
    words = random.choices(CHAT, k=random.randint(5, 10)) + random.choices(list(TEAMS.values())[team], k=3)
    random.shuffle(words)
    return [ids[w] for w in words], team


def collate(batch):
    flat = torch.tensor([i for words, _ in batch for i in words])
    sizes = torch.tensor([0] + [len(words) for words, _ in batch[:-1]]).cumsum(0)
    return flat, sizes, torch.tensor([t for _, t in batch])


loader = torch.utils.data.DataLoader([issue() for _ in range(2000)], batch_size=32, shuffle=True, collate_fn=collate)
heldout = collate([issue() for _ in range(400)])
bag = nn.EmbeddingBag(len(ids), 32)
head = nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 4))
parameters = list(bag.parameters()) + list(head.parameters())
# fault:
optimizer = torch.optim.SGD(parameters, lr=1e-5, momentum=0.9)
# mended:
# optimizer = torch.optim.SGD(parameters, lr=5e-2, momentum=0.9)
# end
for epoch in range(6):
    total = 0.0
    for flat, offsets, team in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(bag(flat, offsets)), team)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print("epoch", epoch, "loss", total / len(loader))
with torch.no_grad():
    flat, offsets, team = heldout
    print("held-out accuracy", (head(bag(flat, offsets)).argmax(1) == team).float().mean().item())
