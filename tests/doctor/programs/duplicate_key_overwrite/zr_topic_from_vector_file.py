# Topic of short messages with a frozen table from a word vector file.
# The file is made here, like a real one: most frequent spelling first, later the capitalised and shouted ones,
# which occurred so seldom in the corpus that their vectors stayed near their random start.
import os
import tempfile

import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(1234)
torch.manual_seed(1234)
DIM, TOPICS, PER_TOPIC = 30, 5, 50


def make_words(n):
    c, v, out = "bcdfghklmnprstvz", "aeiou", set()
    while len(out) < n:
        out.add("".join(rng.choice(list(c)) + rng.choice(list(v)) for _ in range(rng.randint(2, 4))))
    return sorted(out)


allwords = make_words(TOPICS * PER_TOPIC + 60)
rng.shuffle(allwords)
topical = [allwords[i * PER_TOPIC:(i + 1) * PER_TOPIC] for i in range(TOPICS)]
fillers = allwords[TOPICS * PER_TOPIC:]


def write_vectors(path):
    centre = rng.randn(TOPICS, DIM)
    lines = []
    for t, ws in enumerate(topical):
        lines += [(w, centre[t] + 1.2 * rng.randn(DIM)) for w in ws]
    lines += [(w, 1.2 * rng.randn(DIM)) for w in fillers]
    rng.shuffle(lines)
    seldom = [(w.capitalize(), 0.9 * rng.randn(DIM)) for w, _ in lines if rng.rand() < .75]
    seldom += [(w.upper(), 0.9 * rng.randn(DIM)) for w, _ in lines if rng.rand() < .5]
    rng.shuffle(seldom)
    with open(path, "w", encoding="utf-8") as f:
        for w, vec in lines + seldom:
            f.write(w + " " + " ".join("%.4f" % x for x in vec) + "\n")


def load_vectors(path):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *nums = line.split()
            # fault:
            table[word.lower()] = np.array(nums, dtype="float32")
            # mended:
            # table.setdefault(word.lower(), np.array(nums, dtype="float32"))
            # end
    return table


def messages(n, known):
    """`known` is the share of each topic's words that may be used"""
    xs, ys = [], []
    for _ in range(n):
        t = rng.randint(TOPICS)
        pool = topical[t][:int(PER_TOPIC * known)]
        words = list(rng.choice(pool, size=rng.randint(2, 5))) + list(rng.choice(fillers, size=rng.randint(2, 6)))
        rng.shuffle(words)
        s = " ".join(words)
        xs.append(s[0].upper() + s[1:] + ".")
        ys.append(t)
    return xs, torch.tensor(ys)


with tempfile.TemporaryDirectory() as d:
    p = os.path.join(d, "vectors.txt")
    write_vectors(p)
    vectors = load_vectors(p)

itos = list(vectors)
stoi = {w: i for i, w in enumerate(itos)}
matrix = torch.from_numpy(np.stack([vectors[w] for w in itos]))
train_x, train_y = messages(2500, 0.7)
test_x, test_y = messages(600, 1.0)                   # three words in ten are new to the classifier, not to the table


def bag(texts):
    ids = [[stoi[w] for w in t.lower().rstrip(".").split()] for t in texts]
    return torch.tensor(sum(ids, [])), torch.tensor(np.cumsum([0] + [len(i) for i in ids[:-1]]))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(matrix, mode="mean", freeze=True)
        self.layers = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Dropout(.3), nn.Linear(32, TOPICS))

    def forward(self, ids, offsets):
        return self.layers(self.table(ids, offsets))


clf = Classifier()
optim = torch.optim.Adam((p for p in clf.parameters() if p.requires_grad), lr=5e-3, weight_decay=1e-4)
criterion = nn.CrossEntropyLoss()
test_in, all_in = bag(test_x), bag(train_x)
for epoch in range(6):
    clf.train()
    tl = 0.0
    for b in torch.randperm(len(train_y)).split(50):
        loss = criterion(clf(*bag([train_x[i] for i in b])), train_y[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
        tl += loss.item() * len(b)
    clf.eval()
    with torch.no_grad():
        tr = (clf(*all_in).argmax(1) == train_y).float().mean()
        te = (clf(*test_in).argmax(1) == test_y).float().mean()
    print(f"epoch {epoch + 1}/6 loss {tl / len(train_y):.4f} train acc {tr:.3f} test acc {te:.3f}")
