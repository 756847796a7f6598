# -*- coding: utf-8 -*-
"""What's cooking? (toy version): guess the cuisine from the ingredient list.
Course project, part B: "does it get better with more layers?"
"""
import collections
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

np.random.seed(0)
torch.manual_seed(0)

PANTRY = {
    "italian": ["basil", "parmesan", "pancetta", "mozzarella", "oregano", "polenta", "ricotta", "balsamic", "penne"],
    "mexican": ["tortilla", "cilantro", "jalapeno", "lime", "avocado", "chipotle", "masa", "cotija", "beans"],
    "indian": ["turmeric", "cumin", "paneer", "ghee", "cardamom", "masala", "lentils", "coriander", "naan"],
    "japanese": ["miso", "nori", "sake", "mirin", "dashi", "wasabi", "tofu", "soba", "ginger"],
    "greek": ["feta", "olives", "yogurt", "dill", "phyllo", "lamb", "mint", "lemon", "tzatziki"],
}
SHARED = ("salt pepper oil onion garlic water butter sugar eggs flour rice chicken tomato milk carrot beef "
          "vinegar potato cream celery honey parsley broth").split()
CUISINES = list(PANTRY)


def cook():
    c = np.random.randint(len(CUISINES))
    items = list(np.random.choice(SHARED, np.random.randint(3, 8), replace=False))
    items += list(np.random.choice(PANTRY[CUISINES[c]], np.random.randint(2, 4), replace=False))
    if np.random.rand() < 0.5:
        items.append(np.random.choice(PANTRY[CUISINES[np.random.randint(len(CUISINES))]]))
    np.random.shuffle(items)
    return tuple(items), c


recipes = {}
while len(recipes) < 3200:
    items, c = cook()
    recipes[items] = c
lists, target = list(recipes.keys()), np.array(list(recipes.values()))
counts = collections.Counter(i for l in lists for i in l)
idx = {w: k for k, (w, _) in enumerate(counts.most_common())}

tr_l, va_l, tr_y, va_y = train_test_split(lists, target, test_size=0.2, random_state=0, stratify=target)


def bag(ls):
    flat = torch.tensor([idx[i] for l in ls for i in l])
    offs = torch.tensor(np.cumsum([0] + [len(l) for l in ls[:-1]]))
    return flat, offs


class DeepBag(nn.Module):
    def __init__(self, vocab, dim=32, width=48, depth=9, classes=5):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, dim, mode="mean")
        blocks = [nn.Linear(dim, width)]
        for _ in range(depth - 1):
            # fault:
            blocks += [nn.Sigmoid(), nn.Linear(width, width)]
            # mended:
            #blocks += [nn.LayerNorm(width), nn.ReLU(), nn.Linear(width, width)]
            # end
        self.body = nn.Sequential(*blocks)
        self.head = nn.Linear(width, classes)

    def forward(self, flat, offs):
        return self.head(self.body(self.bag(flat, offs)))


model = DeepBag(len(idx))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
vx, vy = bag(va_l), torch.from_numpy(va_y)
history = []

for epoch in range(5):
    model.train()
    perm = np.random.permutation(len(tr_l))
    ep_loss = 0
    for s in range(0, len(perm), 40):
        b = perm[s:s + 40]
        optimizer.zero_grad()
        loss = criterion(model(*bag([tr_l[i] for i in b])), torch.from_numpy(tr_y[b]))
        loss.backward()
        optimizer.step()
        ep_loss += loss.item() * len(b) / len(perm)
    sched.step()
    model.eval()
    with torch.no_grad():
        out = model(*vx)
        history.append((ep_loss, criterion(out, vy).item(), (out.argmax(1) == vy).float().mean().item()))
    print("Epoch %d - loss: %.4f - val_loss: %.4f - val_acc: %.4f" % (epoch + 1, *history[-1]))

print(classification_report(va_y, out.argmax(1).numpy(), target_names=CUISINES, zero_division=0, digits=2).split('\n\n')[-1])
