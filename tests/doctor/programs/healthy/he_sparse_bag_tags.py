# several tags per question (hashed bigrams, sparse gradients, two optimisers); micro F1
import random
import torch
import torch.nn as nn

random.seed(90); torch.manual_seed(90)
TAGS = {"python": "list dict pandas lambda import pip decorator".split(), "sql": "join select group index query table null".split(), "git": "merge branch rebase commit push stash conflict".split(),
        "css": "flex margin color selector font grid hover".split(), "bash": "grep pipe awk script variable loop sed".split(), "regex": "match group capture pattern lazy anchor escape".split()}
NAMES = list(TAGS)
FILL = "how to do i the a in with using from and not working when what is my error get of for can".split()
BUCKETS = 4096


def bucket(*w):
    h = 17
    for c in " ".join(w):
        h = (h * 131 + ord(c)) % 1000003
    return h % BUCKETS


def question():
    tags = random.sample(range(len(NAMES)), random.choices([1, 2, 3], [5, 3, 1])[0])
    w = [random.choice(FILL) for _ in range(random.randint(4, 9))]
    for t in tags:
        w += random.sample(TAGS[NAMES[t]], random.randint(2, 3))
    if random.random() < 0.3:
        w.append(random.choice(TAGS[random.choice(NAMES)]))
    random.shuffle(w)
    return [bucket(x) for x in w] + [bucket(a, b) for a, b in zip(w, w[1:])], tags


def make(n):
    rows = [question() for _ in range(n)]
    y = torch.zeros(n, len(NAMES))
    for i, (_, tags) in enumerate(rows):
        y[i, tags] = 1
    return [f for f, _ in rows], y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 16, mode="sum", sparse=True)
        nn.init.uniform_(self.bag.weight, -0.05, 0.05)
        self.out = nn.Linear(16, len(NAMES))

    def forward(self, feats):
        off = [0]
        for f in feats[:-1]:
            off.append(off[-1] + len(f))
        return self.out(self.bag(torch.tensor([i for f in feats for i in f]), torch.tensor(off)))


Xtr, ytr = make(5000)
Xte, yte = make(1000)
model = Tagger()
opts = [torch.optim.SparseAdam(model.bag.parameters(), lr=4e-3), torch.optim.Adam(model.out.parameters(), lr=4e-3)]
for epoch in range(5):
    order = torch.randperm(len(Xtr)).tolist()
    tot = 0.0
    for k in range(0, len(order), 40):
        idx = order[k:k + 40]
        target = ytr[idx] * 0.96 + 0.02
        loss = nn.functional.binary_cross_entropy_with_logits(model([Xtr[i] for i in idx]), target)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        p = (model(Xte) > 0).float()
        tp = (p * yte).sum()
    print(f"epoch {epoch} loss {tot / len(Xtr):.3f} micro F1 {2 * tp / (p.sum() + yte.sum()):.3f}")
