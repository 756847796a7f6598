# two-layer text net without nn.Module: just tensors, a dict of parameters and a closure per step
import random
import torch
import torch.nn.functional as F

torch.manual_seed(3)
rng = random.Random(3)

TOPICS = {
    "kitchen": "oven spoon flour butter simmer recipe whisk garlic pan roast".split(),
    "garden": "seed soil prune rose weed compost shovel bloom hedge lawn".split(),
    "garage": "engine tyre brake oil clutch wrench bolt exhaust piston fuel".split(),
    "office": "email meeting printer budget desk memo client deadline report manager".split(),
}
COMMON = "the a we it then and put some near with was very of my at".split()
NAMES = list(TOPICS)
VOCAB = {w: i for i, w in enumerate(COMMON + [w for t in NAMES for w in TOPICS[t]])}


def make_note():
    y = rng.randrange(len(NAMES))
    n = rng.randint(5, 11)
    words = []
    for _ in range(n):
        u = rng.random()
        if u < 0.30:
            words.append(rng.choice(TOPICS[NAMES[y]]))
        elif u < 0.38:
            words.append(rng.choice(TOPICS[rng.choice(NAMES)]))
        else:
            words.append(rng.choice(COMMON))
    return words, y


def counts(notes):
    X = torch.zeros(len(notes), len(VOCAB))
    for r, (ws, _) in enumerate(notes):
        for w in ws:
            X[r, VOCAB[w]] += 1.0
    return X / X.sum(1, keepdim=True), torch.tensor([y for _, y in notes])


notes = [make_note() for _ in range(2600)]
Xtr, ytr = counts(notes[:2000])
Xte, yte = counts(notes[2000:])

H = 48
V, C = len(VOCAB), len(NAMES)
P = {
    "E": torch.randn(V, 24) * 0.3,
    "W1": torch.randn(24, H) * (2.0 / 24) ** 0.5,
    # fault:
    "b1": torch.full((H,), -2.0),
    # mended:
    # "b1": torch.zeros(H),
    # end
    "W2": torch.randn(H, C) * (1.0 / H) ** 0.5,
    "b2": torch.zeros(C),
}
for p in P.values():
    p.requires_grad_()


def forward(x):
    h = F.relu(x @ P["E"] @ P["W1"] + P["b1"])
    return h @ P["W2"] + P["b2"]


opt = torch.optim.Adam(P.values(), lr=4e-3)


def step_on(rows):
    def closure():
        opt.zero_grad()
        loss = F.cross_entropy(forward(Xtr[rows]), ytr[rows])
        loss.backward()
        return loss
    return opt.step(closure)


for epoch in range(1, 9):
    order = torch.randperm(len(Xtr))
    total = 0.0
    for rows in order.split(40):
        total += step_on(rows).item() * len(rows)
    with torch.no_grad():
        tr = (forward(Xtr).argmax(1) == ytr).float().mean()
        te = (forward(Xte).argmax(1) == yte).float().mean()
    print(f"epoch {epoch}  loss {total / len(Xtr):.4f}  train {tr:.3f}  test {te:.3f}")
