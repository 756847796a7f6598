"""Tag gene names in abstracts with fixed domain vectors and a window classifier."""
import random

import torch
from torch import nn

random.seed(120)
torch.manual_seed(120)
DIM = 30
stems = "brc tp mel kra cdk myc egf rad pax sox".split()
genes = sorted({random.choice(stems) + str(random.randint(1, 60)) for _ in range(260)})
others = "the of cells protein in with patients study expression was increased binding levels tumor tissue and mice analysis".split()
vocab = {w: i for i, w in enumerate(others + genes)}
domain_vectors = torch.randn(len(vocab), DIM) * 0.7
domain_vectors[[vocab[g] for g in genes]] += torch.randn(DIM) * 0.5
seen, new = genes[: len(genes) // 3], genes[len(genes) // 3 :]


def windows(n, pool):
    x, y = torch.zeros(n, 3, dtype=torch.long), torch.zeros(n, dtype=torch.long)
    for i in range(n):
        words = random.choices(others, k=3)
        if random.random() < 0.5:
            words[1] = random.choice(pool)
            y[i] = int(random.random() > 0.1)
        else:
            y[i] = int(random.random() < 0.1)
        x[i] = torch.tensor([vocab[w] for w in words])
    return x, y


class WindowTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_vectors = nn.Embedding(len(vocab), DIM)
        self.word_vectors.weight.data = domain_vectors.clone()
        # fault:
        self.word_vectors.weight.data.requires_grad = False
        # mended:
        # self.word_vectors.weight.requires_grad = False
        # end
        self.mlp = nn.Sequential(nn.Linear(3 * DIM, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x):
        return self.mlp(self.word_vectors(x).flatten(1))


x, y = windows(500, seen)
xt, yt = windows(1000, new)
model = WindowTagger()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(40):
    for i in torch.randperm(500).split(20):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    moved = (model.word_vectors.weight - domain_vectors).norm(dim=1).max().item()
    acc = (model(xt).argmax(1) == yt).float().mean().item()
print(f"largest change of a vector {moved:.4f}")
print(f"accuracy on new genes {acc:.4f}")
