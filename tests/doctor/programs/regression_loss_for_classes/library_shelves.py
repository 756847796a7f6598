import random

import torch
from torch import nn

# Put a book on the right shelf by its title
random.seed(21)
torch.manual_seed(21)
shelves = {
    "cooking": "bread soup kitchen recipes baking oven spices dinner",
    "history": "empire war kings ancient revolution treaty roman castle",
    "garden": "roses soil pruning lawn seeds orchard compost bulbs",
    "computing": "python networks compiler databases linux algorithms code servers",
    "travel": "islands train passport backpack journey desert coast hostels",
    "music": "piano opera jazz guitar symphony choir drums violin",
    "law": "contract courts statute liability tort evidence judges appeal",
    "health": "sleep diet stress yoga muscles vitamins allergies running",
}
glue = "a the of and for in my your guide to introduction handbook new complete modern story with from little great".split()
names = list(shelves)
random.shuffle(names)
vocab = {}


def title():
    c = random.randrange(len(names))
    words = random.choices(glue, k=random.randint(2, 5)) + random.sample(shelves[names[c]].split(), random.randint(1, 2))
    if random.random() < 0.12:
        words.append(random.choice(random.choice(list(shelves.values())).split()))
    random.shuffle(words)
    return tuple(words), c


data = list(dict(title() for _ in range(2500)).items())
train, test = data[:2000], data[2000:]
for t, _ in data:
    for w in t:
        vocab.setdefault(w, len(vocab))


def bow(rows):
    x = torch.zeros(len(rows), len(vocab))
    for i, (t, _) in enumerate(rows):
        for w in t:
            x[i, vocab[w]] += 1
    return x, torch.tensor([c for _, c in rows])


X_train, y_train = bow(train)
X_test, y_test = bow(test)
# fault:
model = nn.Sequential(nn.Linear(len(vocab), 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.MSELoss()
# mended:
# model = nn.Sequential(nn.Linear(len(vocab), 16), nn.ReLU(), nn.Linear(16, len(names)))
# criterion = nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for epoch in range(12):
    perm = torch.randperm(len(X_train))
    for i in range(0, len(perm), 32):
        idx = perm[i : i + 32]
        out = model(X_train[idx])
        # fault:
        loss = criterion(out.squeeze(1), y_train[idx].float())
        # mended:
        # loss = criterion(out, y_train[idx])
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        # fault:
        pred = model(X_test).squeeze(1).round().long().clamp(0, len(names) - 1)
        # mended:
        # pred = model(X_test).argmax(1)
        # end
    print("epoch", epoch, "loss", round(loss.item(), 4), "test accuracy", round((pred == y_test).float().mean().item(), 4))
