"""Prototypical network over user commands: classes of the dev episodes never occur in training episodes."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(83)
torch.manual_seed(83)
ATOMS = [[f"a{i}_{j}" for j in range(6)] for i in range(24)]      # 24 groups of synonyms
FILL = [f"f{i}" for i in range(30)]
vocab = {w: i + 1 for i, w in enumerate(sum(ATOMS, []) + FILL)}
# a class is a set of three groups
classes = set()
while len(classes) < 140:
    classes.add(tuple(sorted(random.sample(range(24), 3))))
classes = list(classes)
random.shuffle(classes)
train_c, dev_c = classes[:110], classes[110:]


def utter(c):
    w = [random.choice(ATOMS[g]) for g in c] + random.choices(FILL, k=random.randint(2, 5))
    if random.random() < .15:
        w[0] = random.choice(random.choice(ATOMS))
    random.shuffle(w)
    r = [vocab[t] for t in w]
    return r + [0] * (8 - len(r))


def episode(pool, way=5, shot=3, query=5):
    cs = random.sample(pool, way)
    s = torch.tensor([[utter(c) for _ in range(shot)] for c in cs])
    q = torch.tensor([utter(c) for c in cs for _ in range(query)])
    return s, q, torch.arange(way).repeat_interleave(query)


class Embed(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.word = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.salience = nn.Embedding(len(vocab) + 1, 1)
        nn.init.zeros_(self.salience.weight)

    def forward(self, x):
        a = self.salience(x).squeeze(-1).masked_fill(x == 0, -1e9).softmax(-1)
        return (a.unsqueeze(-1) * self.word(x)).sum(-2)


net = Embed()
log_t = nn.Parameter(torch.tensor(0.0))
opt = torch.optim.Adam([*net.parameters(), log_t], lr=1e-2)


def logits(s, q):
    proto = net(s).mean(1)
    return -torch.cdist(net(q), proto).pow(2) * log_t.exp()


@torch.no_grad()
def accuracy(pool, n=60):
    hit = 0.0
    for _ in range(n):
        s, q, y = episode(pool)
        hit += (logits(s, q).argmax(1) == y).float().mean().item()
    return hit / n


print("untrained: dev episodes %.3f (chance 0.2)" % accuracy(dev_c))
run = 0
for it in range(1, 1001):
    s, q, y = episode(train_c)
    loss = F.cross_entropy(logits(s, q), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    run += loss.item()
    if it == 600:
        opt.param_groups[0]["lr"] = 3e-3
    if it % 100 == 0:
        print("episode %d loss %.4f train classes %.3f new classes %.3f" % (it, run / 100, accuracy(train_c), accuracy(dev_c)))
        run = 0
