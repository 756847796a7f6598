import random

import torch
from torch import nn

random.seed(35)
torch.manual_seed(35)
ROLES = {"chef": "kitchen", "pilot": "cockpit", "judge": "court", "nurse": "ward", "farmer": "barn", "actor": "stage"}
EXTRA = "early late on monday with a friend near the gate for once".split()


def pair():
    a, b = random.choice(list(ROLES)), random.choice(list(ROLES))
    if random.random() < 0.5:
        b = a
    left = ["the", a, "arrived"] + random.choices(EXTRA, k=random.randint(1, 3))
    right = ["someone", "went", "to", "the", ROLES[b]] + random.choices(EXTRA, k=random.randint(1, 3))
    return left, right, int(a == b)


pairs = [pair() for _ in range(2400)]
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted({w for a, b, _ in pairs for w in a + b}))}


class SentenceEncoder(nn.Module):
    def __init__(self, size, dim, out):
        super().__init__()
        self.embedding = nn.Embedding(size, dim, padding_idx=0)
        self.proj = nn.Linear(dim, out)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        return torch.tanh(self.proj((self.embedding(ids) * mask).sum(1) / mask.sum(1)))


class Matcher(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.encoder = SentenceEncoder(size, 24, 24)
        self.classifier = nn.Sequential(nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, left, right):
        # fault:
        u, v = self.encoder(left).detach(), self.encoder(right).detach()
        # mended:
        # u, v = self.encoder(left), self.encoder(right)
        # end
        return self.classifier(torch.cat([u, v, u * v, (u - v).abs()], dim=1)).squeeze(1)


def tensor(sentences):
    width = max(map(len, sentences))
    return torch.tensor([[vocab[w] for w in s] + [0] * (width - len(s)) for s in sentences])


model = Matcher(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
bce = nn.BCEWithLogitsLoss()
train, dev = pairs[:2000], pairs[2000:]
for epoch in range(8):
    random.shuffle(train)
    running = 0.0
    for i in range(0, 2000, 50):
        a, b, y = zip(*train[i : i + 50])
        loss = bce(model(tensor(a), tensor(b)), torch.tensor(y).float())
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    print(f"epoch {epoch} loss {running / 40:.4f}")
with torch.no_grad():
    a, b, y = zip(*dev)
    print("dev accuracy", ((model(tensor(a), tensor(b)) > 0).long() == torch.tensor(y)).float().mean().item())
