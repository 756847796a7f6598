"""Hotel remarks, 4 topics: 85 % hidden dropout and 50 % word dropout on a wide layer, three samples of the noise per step."""
import random
import torch
from torch import nn
import torch.nn.functional as F

rnd = random.Random(99)
torch.manual_seed(99)
TOPIC = {
    "room": "bed pillow window balcony carpet mattress shower towel curtain lamp closet view mirror blanket heater sink".split(),
    "food": "breakfast coffee eggs buffet waiter soup dessert bread bacon menu wine juice dinner chef pancake fruit".split(),
    "staff": "reception clerk porter manager concierge maid smile greeting helpful rude welcome checkin apology polite desk bellboy".split(),
    "place": "station beach airport downtown parking tram noise street museum harbour shops bus traffic park metro walk".split(),
}
COMMON = "the was a very and we our it not really quite too so but with on in had were there good bad nice again never always day night hotel stay time".split()
names = list(TOPIC)


def remark():
    y = rnd.randrange(4)
    words = [rnd.choice(COMMON) for _ in range(rnd.randint(6, 14))]
    words += [rnd.choice(TOPIC[names[y]]) for _ in range(rnd.randint(2, 4))]
    if rnd.random() < 0.6:
        words += [rnd.choice(TOPIC[rnd.choice(names)])]
    rnd.shuffle(words)
    return words, y


rows = [remark() for _ in range(3400)]
train, dev = rows[:2600], rows[2600:]
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}


def multi_hot(rows):
    x = torch.zeros(len(rows), len(vocab))
    for i, (ws, _) in enumerate(rows):
        x[i, [vocab[w] for w in ws if w in vocab]] = 1
    return x, torch.tensor([y for _, y in rows])


Xtr, ytr = multi_hot(train)
Xdv, ydv = multi_hot(dev)
model = nn.Sequential(nn.Dropout(0.5), nn.Linear(len(vocab), 512), nn.ReLU(), nn.Dropout(0.85), nn.Linear(512, 4))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)


def accuracy(x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
    model.train()
    return (logits.argmax(-1) == y).float().mean().item(), F.cross_entropy(logits, y).item()


print("epoch  noisy_loss  train_acc  train_loss  dev_acc  dev_loss")
for epoch in range(10):
    noisy = []
    for idx in torch.randperm(len(ytr)).chunk(40):
        x3, y3 = Xtr[idx].repeat(3, 1), ytr[idx].repeat(3)
        loss = F.cross_entropy(model(x3), y3)
        opt.zero_grad()
        loss.backward()
        opt.step()
        noisy.append(loss.item())
    print("%5d  %10.3f  %9.3f  %10.3f  %7.3f  %8.3f" % (epoch, sum(noisy) / len(noisy), *accuracy(Xtr, ytr), *accuracy(Xdv, ydv)))
