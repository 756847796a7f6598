import random

import torch
import torch.nn as nn

random.seed(37)
torch.manual_seed(37)
CUISINE = {
    "thai": "coconut lemongrass basil noodles curry".split(),
    "mexican": "tortilla beans avocado corn salsa".split(),
    "italian": "pasta parmesan tomato olive risotto".split(),
}
OTHER = "add with fresh some the serve hot cold and onion garlic salt".split()
vocab = {w: i for i, w in enumerate(OTHER + [w for ws in CUISINE.values() for w in ws])}


def dish():
    y = random.randrange(3)
    return [vocab[w] for w in random.choices(OTHER, k=6) + random.choices(list(CUISINE.values())[y], k=2)], y


class Cuisine(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding(len(vocab), 16, sparse=True)
        # mended:
        # self.emb = nn.Embedding(len(vocab), 16)
        # end
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(self.emb(x).mean(dim=1))


data = [dish() for _ in range(1500)]
x = torch.tensor([d for d, _ in data])
y = torch.tensor([c for _, c in data])
model = Cuisine()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for i in torch.randperm(1200).split(30):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))
with torch.no_grad():
    print("accuracy", (model(x[1200:]).argmax(1) == y[1200:]).float().mean().item())
