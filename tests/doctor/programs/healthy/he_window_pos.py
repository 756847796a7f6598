"""Part of speech of the middle word of a five-word window (made-up grammar). <edge> fills the window at both ends and has a vector of its own, it tells where a sentence starts."""
import random
import torch
from torch import nn

random.seed(1); torch.manual_seed(1)
DET, ADJ, NOUN, VERB, PREP = range(5)
SHAPES = [[DET, NOUN, VERB], [DET, ADJ, NOUN, VERB, DET, NOUN], [NOUN, VERB, PREP, DET, NOUN], [VERB, DET, NOUN], [DET, NOUN, VERB, PREP, NOUN], [VERB, PREP, DET, ADJ, NOUN], [ADJ, NOUN, VERB, ADJ, NOUN]]
both = [f"amb{i}" for i in range(60)]            # noun or verb, as in "walk", "rain"
WORDS = {DET: ["the", "a", "this", "some"], ADJ: [f"adj{i}" for i in range(60)], NOUN: [f"n{i}" for i in range(60)] + both, VERB: [f"v{i}" for i in range(40)] + both, PREP: ["in", "on", "under", "with"]}
stoi = {"<edge>": 0}
for ws in WORDS.values():
    for w in ws:
        stoi.setdefault(w, len(stoi))


def sentence():
    tags = random.choice(SHAPES)
    return [stoi[random.choice(WORDS[t])] for t in tags], tags


def windows(n):
    X, Y = [], []
    for _ in range(n):
        ids, tags = sentence()
        p = [0, 0] + ids + [0, 0]
        for i, t in enumerate(tags):
            X.append(p[i:i + 5])
            Y.append(t)
    return torch.tensor(X), torch.tensor(Y)


net = nn.Sequential(nn.Embedding(len(stoi), 16), nn.Flatten(), nn.Linear(80, 40), nn.Tanh(), nn.Linear(40, 5))
opt = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.8, nesterov=True)
X, Y = windows(3000)
Xd, Yd = windows(500)
for epoch in range(7):
    perm = torch.randperm(len(X))
    for b in perm.split(50):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print("epoch", epoch, "train", round((net(X).argmax(1) == Y).float().mean().item(), 3), "dev", round((net(Xd).argmax(1) == Yd).float().mean().item(), 3))
