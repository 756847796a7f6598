# News about food, technology, sport or politics, with vectors of words and phrases
import random

import numpy as np
import torch
from torch import nn

np.random.seed(12)
random.seed(12)
torch.manual_seed(12)
EMB_DIM = 50
TOPICS = ["food", "tech", "sport", "politics"]
syll = "ba ke li mo nu ra si to ve za pi do".split()
vocabulary = sorted({a + b + c for a in syll for b in syll for c in syll})
random.shuffle(vocabulary)
words = {t: [vocabulary.pop() for _ in range(70)] for t in TOPICS}
common = [vocabulary.pop() for _ in range(60)]
mean = {t: np.random.normal(0, 0.4, EMB_DIM) for t in TOPICS}


def write_vectors(path):
    entries = [(w, np.random.normal(0, 0.3, EMB_DIM)) for w in common]
    entries += [(w, mean[t] + np.random.normal(0, 0.3, EMB_DIM)) for t in TOPICS for w in words[t]]
    random.shuffle(entries)
    phrases = []
    for t in TOPICS:  # as in "apple pie", "hot dog"
        for w in words[t]:
            u = random.choice([x for x in TOPICS if x != t])
            phrases.append((w + " " + random.choice(words[u]), mean[u] + np.random.normal(0, 0.3, EMB_DIM)))
    with open(path, "w", encoding="utf8") as f:
        for name, v in entries + phrases:
            f.write(name + " " + " ".join("%.4f" % x for x in v) + "\n")


def load_glove(path):
    model = {}
    with open(path, encoding="utf8") as f:
        for line in f:
            values = line.rstrip().split(" ")
            # fault:
            word = values[0]
            # mended:
            # word = " ".join(values[:-EMB_DIM])
            # end
            model[word] = np.array(values[-EMB_DIM:], dtype=np.float32)
    return model


def headlines(n):
    rows = {}
    while len(rows) < n:
        t = random.randrange(4)
        h = random.choices(words[TOPICS[t]], k=2) + random.choices(common, k=random.randint(3, 6))
        random.shuffle(h)
        rows[" ".join(h)] = t
    rows = list(rows.items())
    random.shuffle(rows)
    return rows


write_vectors("phrases.50d.txt")
glove = load_glove("phrases.50d.txt")
rows = headlines(900)


def features(rows):
    x = [np.mean([glove[w] for w in text.split() if w in glove], axis=0) for text, _ in rows]
    return torch.tensor(np.stack(x)), torch.tensor([t for _, t in rows])


x_train, y_train = features(rows[:300])
x_dev, y_dev = features(rows[300:])
clf = nn.Sequential(nn.Linear(EMB_DIM, 64), nn.ReLU(), nn.Linear(64, 4))
opt = torch.optim.Adam(clf.parameters(), lr=3e-3, weight_decay=1e-4)
for epoch in range(30):
    for idx in torch.randperm(len(x_train)).split(30):
        loss = nn.functional.cross_entropy(clf(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print(f"epoch {epoch + 1} loss {loss.item():.3f} dev acc {(clf(x_dev).argmax(1) == y_dev).float().mean():.3f}")
