import random

import torch

# Topic of a chat message. Stop words go first, what is left is averaged.
random.seed(0)
torch.manual_seed(0)
BATCH = 64

STOP = set("i you it is are was the a and so do did what yes no ok hm me too not in on to of at that this with be".split())
TOPICS = {
    "weather": "rain sun cloud storm wind snow cold hot umbrella degrees fog forecast",
    "food": "pizza bread cook dinner soup hungry recipe taste kitchen hot cheese lunch",
    "sport": "game score team coach ball goal run win match season forecast training",
    "money": "bank loan rent pay price cheap win euro account bill salary rate",
}
COMMON = "today really tomorrow maybe good bad friend think want new see time".split()
NAMES = ["small talk"] + list(TOPICS)


def message():
    y = random.randrange(5)
    stop = random.choices(sorted(STOP), k=random.randint(2, 6))
    if y == 0:                                       # "yes it is", "hm not really"
        words = stop + random.choices(COMMON, k=random.choice([0, 1, 1, 2, 3]))
    else:
        words = stop + random.choices(TOPICS[NAMES[y]].split(), k=random.randint(1, 3))
        words += random.choices(COMMON, k=random.randint(0, 4))
        if random.random() < .15:
            words.append(random.choice(TOPICS[random.choice(list(TOPICS))].split()))
    random.shuffle(words)
    return " ".join(words), y


def tokenize(text):
    return [w for w in text.split() if w not in STOP]


data = [message() for _ in range(5000)]
train, dev = data[:4000], data[4000:]
stoi = {}
for text, _ in train:
    for w in tokenize(text):
        stoi.setdefault(w, len(stoi) + 1)


def collate(rows):
    ids = [[stoi[w] for w in tokenize(text) if w in stoi] for text, _ in rows]
    longest = max(len(i) for i in ids)
    return torch.tensor([i + [0] * (longest - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


class TopicClassifier(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.lookup = torch.nn.Embedding(size, 24, padding_idx=0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(24, 32), torch.nn.ReLU(), torch.nn.Linear(32, len(NAMES)))

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(2).float()
        summed = (self.lookup(ids) * mask).sum(dim=1)
        # fault:
        mean = summed / mask.sum(dim=1)
        # mended:
        # mean = summed / mask.sum(dim=1).clamp(min=1.0)
        # end
        return self.layers(mean)


clf = TopicClassifier(len(stoi) + 1)
opt = torch.optim.Adam(clf.parameters(), lr=5e-3)

for epoch in range(4):
    clf.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), BATCH):
        x, y = collate(train[i:i + BATCH])
        loss = torch.nn.functional.cross_entropy(clf(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    clf.eval()
    with torch.no_grad():
        accs = []
        for part in (train, dev):
            x, y = collate(part)
            accs.append((clf(x).argmax(dim=1) == y).float().mean().item())
    print('epoch %d | loss %.4f | train acc %.4f | dev acc %.4f' % (epoch, sum(losses) / len(losses), *accs))
