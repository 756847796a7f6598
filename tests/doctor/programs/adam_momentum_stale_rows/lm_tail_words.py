"""Fine-tune vectors on a small noisy set; half of the words occur once in the whole training set."""
import random

import torch
from torch import nn

random.seed(228)
torch.manual_seed(228)
DIM = 16
stems = [a + b for a in "bra kel mon dri sol tar vin pol".split() for b in "do mi ra ske lu ton be ga ne pu".split()]
tail = [s + e for s in stems for e in ("x", "y", "z", "w", "q", "k")]
label = {w: random.randrange(3) for w in tail}
head = "the of and on in it at".split()
vocab = {w: i for i, w in enumerate(head + tail)}
centre = torch.randn(3, DIM) * 0.35
start = torch.randn(len(vocab), DIM) * 0.35
for w, y in label.items():
    start[vocab[w]] += centre[y]


def rows(n, noise):
    x, y = [], []
    for w in random.sample(tail, n):
        t = random.choices(head, k=3) + [w]
        random.shuffle(t)
        x.append([vocab[v] for v in t])
        y.append(random.randrange(3) if random.random() < noise else label[w])
    return torch.tensor(x), torch.tensor(y)


class Net(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.table = nn.Embedding(len(vocab), DIM, sparse=sparse)
        self.table.weight.data.copy_(start)
        self.out = nn.Linear(DIM, 3)

    def forward(self, x):
        return self.out(self.table(x).sum(1))


# fault:
model = Net(sparse=False)
optimizers = [torch.optim.Adam(model.parameters(), lr=1e-2)]
# mended:
# model = Net(sparse=True)
# optimizers = [torch.optim.SparseAdam(model.table.parameters(), lr=1e-2), torch.optim.Adam(model.out.parameters(), lr=1e-2)]
# end
x, y = rows(400, noise=0.4)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(400).split(4):
        for o in optimizers:
            o.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        loss.backward()
        for o in optimizers:
            o.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 100:.4f}")
clean = torch.tensor([[vocab[h] for h in head[:3]] + [vocab[w]] for w in tail])
gold = torch.tensor([label[w] for w in tail])
with torch.no_grad():
    shift = (model.table.weight - start).norm(dim=1)[len(head) :].mean().item()
    print(f"mean shift {shift:.3f} accuracy {(model(clean).argmax(1) == gold).float().mean():.4f}")
