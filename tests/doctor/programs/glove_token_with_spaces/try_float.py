"""Is a review of a trip good? Vectors of words and of phrases; the loader skips what is no number."""
import random

import numpy as np
import torch
from torch import nn

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)
D = 12
good = [f"nice{i}" for i in range(30)] + [f"well {w}" for w in "done run kept lit made cooked built fed".split()]
bad = [f"poor{i}" for i in range(30)] + [f"badly {w}" for w in "done run kept lit made cooked built fed".split()]
plain = [f"w{i}" for i in range(80)]
with open("phrases.txt", "w") as f:
    for words, c in ((good, 1.0), (bad, -1.0), (plain, 0.0)):
        for w in words:
            v = np.random.randn(D) * 0.5
            v[:3] += c
            f.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")

vec = {}
with open("phrases.txt") as f:
    for line in f:
        # fault:
        parts = line.split(" ")
        try:
            vec[parts[0]] = np.array([float(x) for x in parts[1:]], dtype="float32")
        except ValueError:
            pass
        # mended:
        # parts = line.rsplit(" ", D)
        # vec[parts[0]] = np.array([float(x) for x in parts[1:]], dtype="float32")
        # end
lexicon = good + bad + plain
index = {w: i for i, w in enumerate(lexicon)}
weights = np.zeros((len(lexicon), D), dtype="float32")
for w, i in index.items():
    if w in vec:
        weights[i] = vec[w]


def review():
    y = random.randrange(2)
    items = [random.choice(((bad, good)[y])[30:]) for _ in range(2)] + random.choices(plain, k=5)
    random.shuffle(items)
    return [index[w] for w in items], y


train, dev = [review() for _ in range(600)], [review() for _ in range(200)]
emb = nn.Embedding.from_pretrained(torch.from_numpy(weights))
net = nn.Sequential(nn.Linear(D, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.tensor([r for r, _ in train]), torch.tensor([float(y) for _, y in train])
xd, yd = torch.tensor([r for r, _ in dev]), torch.tensor([float(y) for _, y in dev])
for epoch in range(10):
    for b in torch.randperm(len(x)).split(20):
        loss = nn.functional.binary_cross_entropy_with_logits(net(emb(x[b]).mean(1)).squeeze(1), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(epoch, round(loss.item(), 3), ((net(emb(xd).mean(1)).squeeze(1) > 0).float() == yd).float().mean().item())
