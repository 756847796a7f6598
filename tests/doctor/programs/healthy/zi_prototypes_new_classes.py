"""Prototypical network, 5-way 5-shot.  A class is a pair of themes; the pairs of the test episodes were never seen
as classes in training (their single themes were).  Every step is one episode, so labels are 0..4 anew each time."""
import itertools
import numpy as np
import torch
import torch.nn.functional as F

np.random.seed(13)
torch.manual_seed(13)
THEMES, WORDS, NOISE = 10, 12, 40
pairs = list(itertools.combinations(range(THEMES), 2))
np.random.shuffle(pairs)
base, novel = pairs[:33], pairs[33:]
V = THEMES * WORDS + NOISE


def text(cls):
    a = np.random.randint(0, WORDS, 3) + cls[0] * WORDS
    b = np.random.randint(0, WORDS, 3) + cls[1] * WORDS
    n = np.random.randint(0, NOISE, 6) + THEMES * WORDS
    return np.concatenate([a, b, n])                       # always twelve words, order plays no part


def episode(classes, way=5, shot=5, query=8):
    chosen = [classes[i] for i in np.random.choice(len(classes), way, replace=False)]
    s = np.stack([text(c) for c in chosen for _ in range(shot)])
    q = np.stack([text(c) for c in chosen for _ in range(query)])
    return torch.from_numpy(s), torch.from_numpy(q), torch.arange(way).repeat_interleave(query)


class Embedder(torch.nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.word = torch.nn.Embedding(V, d)
        self.lin = torch.nn.Linear(d, d)

    def forward(self, x):
        return self.lin(self.word(x).mean(1))


def logits(enc, s, q, way=5):
    z = enc(torch.cat([s, q]))
    proto = z[:len(s)].view(way, -1, z.size(-1)).mean(1)
    return -(z[len(s):, None] - proto[None]).pow(2).sum(-1)


@torch.no_grad()
def test(enc, classes, n=30):
    enc.eval()
    accs = [(logits(enc, s, q).argmax(1) == y).float().mean().item() for s, q, y in (episode(classes) for _ in range(n))]
    enc.train()
    return np.mean(accs)


enc = Embedder()
opt = torch.optim.Adam(enc.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.StepLR(opt, 160, 0.3)
print(f"untrained: novel classes {test(enc, novel):.3f} (chance 0.2)")
mean_loss = 0
for it in range(1, 321):
    s, q, y = episode(base)
    loss = F.cross_entropy(logits(enc, s, q), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    mean_loss += loss.item() / 80
    if it % 80 == 0:
        print(f"episode {it}: loss {mean_loss:.4f} base {test(enc, base):.3f} novel {test(enc, novel):.3f}")
        mean_loss = 0
