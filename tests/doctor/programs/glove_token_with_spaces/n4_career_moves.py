"""HR analytics: which department does somebody end in, given the job titles so far?

Title vectors come from a large pile of unlabelled CVs (PPMI + SVD) and are stored the way GloVe does;
the labelled set is small, so the vectors stay as they are and only the head is trained.
"""
import random
from collections import Counter
import numpy as np
import torch
from torch import nn
from sklearn.utils.extmath import randomized_svd

torch.set_num_threads(1)
random.seed(404); np.random.seed(404); torch.manual_seed(404)

LEVEL = ["junior", "senior", "lead", "assistant", "head", "deputy"]
AREA = {"it": ["data engineer", "web developer", "network admin", "test engineer", "data scientist", "sysadmin"],
        "sales": ["account manager", "store clerk", "field agent", "data entry clerk", "key account rep", "cashier"],
        "plant": ["shift foreman", "machine operator", "test driver", "quality inspector", "network fitter", "welder"],
        "hr": ["payroll clerk", "talent scout", "account recruiter", "field trainer", "quality coach", "recruiter"]}
DEPTS = list(AREA)
TITLES = {d: [f"{l} {t}" for l in LEVEL for t in AREA[d]] + AREA[d] for d in DEPTS}
EVERY = [t for d in DEPTS for t in TITLES[d]]


def cv(dept):
    return [random.choice(TITLES[dept]) if random.random() < .6 else random.choice(EVERY)
            for _ in range(random.randint(3, 8))]


# ---- vectors from unlabelled CVs -------------------------------------------------
def write_vectors(path, dim=32, n=9000):
    ids = {t: i for i, t in enumerate(EVERY)}
    X = np.zeros((len(ids), len(ids)))
    for _ in range(n):
        row = [ids[t] for t in cv(random.choice(DEPTS))]
        for a in row:
            for b in row:
                if a != b:
                    X[a, b] += 1
    p = X / X.sum()
    pmi = np.log(np.maximum(p, 1e-9) / (p.sum(1, keepdims=True) * p.sum(0, keepdims=True)))
    U, s, _ = randomized_svd(np.maximum(pmi, 0), dim, random_state=0)
    W = U * np.sqrt(s)
    with open(path, "w", encoding="utf8") as f:
        for t, i in ids.items():
            f.write(t + " " + " ".join("%.5f" % v for v in W[i]) + "\n")


def read_vectors(path, dim=32):
    table = {}
    for line in open(path, encoding="utf8"):
        # fault:
        cells = line.split()
        table[cells[0]] = np.array(cells[-dim:], dtype="float32")
        # mended:
        #cells = line.rstrip("\n").rsplit(" ", dim)
        #table[cells[0]] = np.array(cells[1:], dtype="float32")
        # end
    return table


write_vectors("titles.32d.txt")
vec = read_vectors("titles.32d.txt")

# ---- labelled people --------------------------------------------------------------
people, known = [], set()
while len(people) < 1100:
    d = random.randrange(len(DEPTS))
    c = cv(DEPTS[d])
    if tuple(c) not in known:
        known.add(tuple(c))
        people.append((c, d))
train, test = people[:700], people[700:]

vocab = {t: i + 1 for i, t in enumerate(EVERY)}
W = np.zeros((len(vocab) + 1, 32), dtype="float32")
for t, i in vocab.items():
    if t in vec:
        W[i] = vec[t]


class Mover(nn.Module):
    def __init__(self):
        super().__init__()
        self.titles = nn.Embedding.from_pretrained(torch.from_numpy(W), freeze=True, padding_idx=0)
        self.head = nn.Sequential(nn.Linear(32, 32), nn.Tanh(), nn.Dropout(.2), nn.Linear(32, len(DEPTS)))

    def forward(self, ids):
        m = (ids > 0).float().unsqueeze(-1)
        return self.head((self.titles(ids) * m).sum(1) / m.sum(1))


def batch(part):
    L = max(len(c) for c, _ in part)
    return (torch.tensor([[vocab[t] for t in c] + [0] * (L - len(c)) for c, _ in part]),
            torch.tensor([d for _, d in part]))


net = Mover()
opt = torch.optim.Adam(net.head.parameters(), lr=5e-3)


def accuracy(part):
    net.eval()
    with torch.no_grad():
        x, y = batch(part)
        return (net(x).argmax(1) == y).float().mean().item()


for ep in range(20):
    net.train()
    random.shuffle(train)
    tot = 0
    for k in range(0, len(train), 32):
        x, y = batch(train[k:k + 32])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    if ep % 4 == 3:
        print(f"epoch {ep + 1:2d}  loss {tot / len(train):.3f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
print("departments:", Counter(DEPTS[d] for _, d in test).most_common())
print("test accuracy: %.4f" % accuracy(test))
