"""Tiny FAQ classifier: 120 questions, four topics, fixed word vectors of our own, ten random splits."""
import random

import numpy as np
import torch
import torch.nn as nn

TOPICS = {
    "opening": "open close hours sunday monday holiday evening morning weekend today".split(),
    "price": "cost price ticket discount student euro cheap pay card cash".split(),
    "way": "bus tram station parking way walk far street map bicycle".split(),
    "food": "restaurant coffee lunch vegan menu eat drink cake table kitchen".split(),
}
COMMON = "what is the a do you how much when where can i we there for to at in of have any please".split()
names = sorted(TOPICS)

# ---- vectors.txt: the in-house vectors (topic direction + noise), written once, loaded like any GloVe file
rs = np.random.RandomState(1)
centres = {t: rs.randn(20) for t in names}
with open("vectors.txt", "w") as f:
    for t in names:
        for w in TOPICS[t]:
            f.write(w + " " + " ".join("%.4f" % v for v in 0.8 * centres[t] + 0.8 * rs.randn(20)) + "\n")
    for w in COMMON:
        f.write(w + " " + " ".join("%.4f" % v for v in rs.randn(20)) + "\n")


def load_vectors(path):
    stoi, rows = {}, []
    with open(path) as f:
        for line in f:
            w, *v = line.split()
            stoi[w] = len(rows)
            rows.append([float(x) for x in v])
    return stoi, torch.tensor(rows)


stoi, table = load_vectors("vectors.txt")
rnd = random.Random(5)
questions = set()
while len(questions) < 120:
    t = names[len(questions) % 4]
    q = rnd.sample(COMMON, rnd.randint(3, 6)) + rnd.sample(TOPICS[t], rnd.randint(1, 2))
    if rnd.random() < 0.2:
        q.append(rnd.choice(TOPICS[rnd.choice(names)]))
    rnd.shuffle(q)
    questions.add((" ".join(q), t))
questions = sorted(questions)
X = [torch.tensor([stoi[w] for w in q.split()]) for q, _ in questions]
Y = torch.tensor([names.index(t) for _, t in questions])


class MeanClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="mean")
        self.out = nn.Linear(table.size(1), 4)

    def forward(self, ids):
        flat = torch.cat([X[i] for i in ids])
        offs = torch.tensor([0] + [len(X[i]) for i in ids[:-1]]).cumsum(0)
        return self.out(self.bag(flat, offs))


scores = []
for split in range(10):
    torch.manual_seed(split)
    perm = torch.randperm(len(X))
    train, test = perm[:80], perm[80:]
    model = MeanClassifier()
    opt = torch.optim.Adam(model.out.parameters(), lr=0.03, weight_decay=1e-3)
    for epoch in range(40):
        model.train()
        for part in train[torch.randperm(80)].split(16):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(part.tolist()), Y[part])
            loss.backward()
            opt.step()
    model.eval()
    with torch.no_grad():
        tr = (model(train.tolist()).argmax(1) == Y[train]).float().mean().item()
        te = (model(test.tolist()).argmax(1) == Y[test]).float().mean().item()
    scores.append(te)
    print(f"split {split}: train {tr:.3f} test {te:.3f} (last loss {loss.item():.3f})")
print(f"mean test accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")
