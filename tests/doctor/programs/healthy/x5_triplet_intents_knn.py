"""FaceNet-style triplets on intents: learn unit vectors, then classify by the nearest neighbours in the training set."""
import random
import torch
from torch import nn
from sklearn.neighbors import KNeighborsClassifier

random.seed(30); torch.manual_seed(30)
INTENTS = {
    "alarm": "wake alarm ring snooze morning clock", "music": "play song album artist volume track", "weather": "rain sunny forecast umbrella snow temperature",
    "timer": "countdown minutes timer seconds stop start", "shopping": "milk buy list groceries bread add", "lights": "lamp bright dim lights switch bulb",
    "calls": "phone dial ring contact hang call", "maps": "route drive traffic turn road minutes",
}
GLUE = "please could you the a my for me now to in on will it be would like".split()
names = sorted(INTENTS)


def utter(k):
    w = random.sample(INTENTS[names[k]].split(), 2) + random.choices(GLUE, k=random.randint(3, 6))
    random.shuffle(w)
    return " ".join(w)


pool = {}
while len(pool) < 1900:
    k = random.randrange(len(names))
    pool[utter(k)] = k
items = list(pool.items())
random.shuffle(items)
train, test = items[:1500], items[1500:]
stoi = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t.split()}))}
by_class = [[t for t, y in train if y == k] for k in range(len(names))]


class Embedder(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(stoi), 32, mode="sum")
        self.proj = nn.Linear(32, dim)

    def forward(self, texts):
        ids = [[stoi[w] for w in t.split() if w in stoi] for t in texts]
        offs = [0]
        for s in ids[:-1]:
            offs.append(offs[-1] + len(s))
        h = self.bag(torch.tensor([i for s in ids for i in s]), torch.tensor(offs))
        return nn.functional.normalize(self.proj(torch.tanh(h)), dim=1)


def triplets(n):
    a, p, q = [], [], []
    for _ in range(n):
        i, j = random.sample(range(len(names)), 2)
        x, y = random.sample(by_class[i], 2)
        a.append(x); p.append(y); q.append(random.choice(by_class[j]))
    return a, p, q


net = Embedder()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
crit = nn.TripletMarginLoss(margin=0.5)


@torch.no_grad()
def knn_score():
    net.eval()
    ref, new = net([t for t, _ in train]).numpy(), net([t for t, _ in test]).numpy()
    knn = KNeighborsClassifier(5).fit(ref, [y for _, y in train])
    return knn.score(new, [y for _, y in test])


print("before training", round(knn_score(), 3))
for epoch in range(5):
    net.train()
    losses, active = [], 0.
    for step in range(50):
        a, p, n = map(net, triplets(48))
        loss = crit(a, p, n)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}  triplet loss {sum(losses) / len(losses):.4f}  5-NN accuracy {knn_score():.3f}")
