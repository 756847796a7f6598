"""Two topic streams, one after the other, with one optimiser and slow momentum."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(127)
torch.manual_seed(127)
ROOTS = {0: "kor", 1: "mel", 2: "tav"}
ENDS = "a e i o u an en in on us".split()
FIRST = [(r + c + e, y) for y, r in ROOTS.items() for c in "bdg" for e in ENDS]
SECOND = [(r + c + e, y) for y, r in ROOTS.items() for c in "pks" for e in ENDS]
STOP = "der il un la et de som og".split()
vocab = {w: i for i, w in enumerate(STOP + [w for w, _ in FIRST + SECOND])}
vectors = torch.randn(len(vocab), 16) * 0.3
means = torch.randn(3, 16) * 0.35
for w, y in FIRST + SECOND:
    vectors[vocab[w]] += means[y]


def stream(words, n):
    x, t = [], []
    for _ in range(n):
        w, y = random.choice(words)
        s = random.choices(STOP, k=4) + [w]
        random.shuffle(s)
        x.append([vocab[v] for v in s])
        t.append(y)
    return torch.tensor(x), torch.tensor(t)


class TopicNet(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors.clone(), freeze=False, sparse=sparse)
        self.score = nn.Linear(16, 3)

    def forward(self, x):
        return self.score(self.lookup(x).sum(1))


# fault:
net = TopicNet(sparse=False)
table_optimizer = torch.optim.Adam([net.lookup.weight], lr=2e-2, betas=(0.98, 0.999))
# mended:
# net = TopicNet(sparse=True)
# table_optimizer = torch.optim.SparseAdam([net.lookup.weight], lr=2e-2, betas=(0.98, 0.999))
# end
head_optimizer = torch.optim.Adam(net.score.parameters(), lr=1e-2)


def train(x, y, epochs):
    for _ in range(epochs):
        for i in torch.randperm(len(y)).split(5):
            table_optimizer.zero_grad()
            head_optimizer.zero_grad()
            loss = F.cross_entropy(net(x[i]), y[i])
            loss.backward()
            table_optimizer.step()
            head_optimizer.step()
    return round(loss.item(), 4)


def score(words):
    x, y = stream(words, 400)
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


x, y = stream(FIRST, 100)
flip = torch.rand(100) < 0.3
y[flip] = torch.randint(0, 3, (int(flip.sum()),))  # hasty annotators
print("first stream: loss", train(x, y, 1), "accuracy", score(FIRST))
kept = net.lookup.weight.detach().clone()
print("second stream: loss", train(*stream(SECOND, 400), 3), "accuracy", score(SECOND))
rows = [vocab[w] for w, _ in FIRST]
print("words of the first stream moved by", (net.lookup.weight.detach() - kept)[rows].norm(dim=1).mean().item())
print("first stream again: accuracy", score(FIRST))
