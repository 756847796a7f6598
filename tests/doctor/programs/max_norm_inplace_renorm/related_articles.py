"""Next article for a reader: the articles read so far against all article vectors."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(33)
torch.manual_seed(33)
N_TOPICS, PER_TOPIC = 12, 15
N = N_TOPICS * PER_TOPIC


def session():
    t = random.randrange(N_TOPICS)
    read = [t * PER_TOPIC + random.randrange(PER_TOPIC) for _ in range(5)]
    return tuple(read[:4]), read[4]


rows = list(dict(session() for _ in range(4000)).items())
X = torch.tensor([r for r, _ in rows])
Y = torch.tensor([n for _, n in rows])
n_train = len(rows) - 600


class Recommender(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        # fault:
        self.articles = nn.Embedding(n, d, max_norm=1.0)
        # mended:
        # self.articles = nn.Embedding(n, d)
        # end
        self.project = nn.Linear(d, d)

    def forward(self, read):
        candidates = self.project(self.articles.weight)
        profile = self.articles(read).mean(1)
        return profile @ candidates.t()


model = Recommender(N)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    for idx in torch.randperm(n_train).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(X[idx]), Y[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        top = model(X[n_train:]).topk(15).indices
        hit = (top == Y[n_train:].unsqueeze(1)).any(1).float().mean()
    print(f"epoch {epoch + 1} loss {loss.item():.4f} hit@15 {hit:.3f}")
