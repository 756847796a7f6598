import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(5)
torch.manual_seed(5)

CUISINES = {
    "italian": "basil pasta parmesan oregano mozzarella tomato risotto prosciutto pesto balsamic",
    "indian": "cumin turmeric ghee paneer cardamom lentil coriander masala chickpea yoghurt",
    "mexican": "tortilla avocado jalapeno lime salsa bean cilantro corn chipotle queso",
    "japanese": "soy nori wasabi miso dashi sushi tofu mirin sesame udon",
    "french": "butter shallot thyme baguette brie leek tarragon cognac cream dijon",
    "thai": "lemongrass coconut galangal peanut chilli fishsauce kaffir curry mango noodle",
    "greek": "feta olive cucumber phyllo tzatziki lamb mint aubergine halloumi honey",
}
COMMON = "salt pepper oil water onion garlic sugar egg flour rice chicken beef stock lemon carrot potato vinegar".split()
names = list(CUISINES)
own = [CUISINES[c].split() for c in names]
vocab = sorted(set(sum(own, []) + COMMON))
ix = {w: i for i, w in enumerate(vocab)}


def recipe():
    c = int(rng.integers(len(names)))
    words = list(rng.choice(COMMON, rng.integers(4, 9), replace=False))
    words += list(rng.choice(own[c], rng.integers(2, 4), replace=False))
    words += [own[int(rng.integers(len(names)))][int(rng.integers(10))]]
    return tuple(sorted(set(words))), c


rows = list({recipe() for _ in range(2600)})
rows.sort()
rng.shuffle(rows := np.array(rows, dtype=object))
train, dev = rows[:2000], rows[2000:]


def batch(part):
    ids = [[ix[w] for w in r] for r, _ in part]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor(sum(ids, [])), offsets, torch.tensor([int(c) for _, c in part])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(len(vocab), 24, mode="mean")
        self.hidden = nn.Linear(24, 32)
        self.out = nn.Linear(32, len(names))

    def forward(self, ids, offsets):
        h = torch.tanh(self.hidden(self.embed(ids, offsets)))
        # fault:
        return nn.functional.softmax(self.out(h), dim=1)
        # mended:
        # return nn.functional.log_softmax(self.out(h), dim=1)
        # end


net = Net()
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.7)
for epoch in range(6):
    order = rng.permutation(len(train))
    total = 0.0
    for i in range(0, len(order), 25):
        ids, offsets, y = batch(train[order[i : i + 25]])
        optimizer.zero_grad()
        loss = criterion(net(ids, offsets), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        ids, offsets, y = batch(dev)
        acc = (net(ids, offsets).argmax(1) == y).float().mean()
    print(f"[{epoch + 1}] loss: {total / 80:.3f}  dev acc: {acc:.3f}")
