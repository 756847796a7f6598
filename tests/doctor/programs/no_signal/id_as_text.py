"""Genre of a book from its catalogue entry."""
import json
import random

import torch
from torch import nn

random.seed(146)
torch.manual_seed(146)
GENRES = {
    "cookery": "kitchen sauces baking flavours grill".split(),
    "travel": "islands trails cities maps harbours".split(),
    "biography": "life memoir letters childhood statesman".split(),
    "science": "atoms genes oceans planets numbers".split(),
}
SMALL = "the of and a in our new for complete".split()


def entry():
    g = random.choice(list(GENRES))
    title = [random.choice(SMALL), random.choice(GENRES[g]), random.choice(SMALL), random.choice(GENRES[g])]
    signature = [random.choice("abcdefgh") + str(random.randint(0, 9)) for _ in range(4)]
    return json.dumps({"title": " ".join(title), "shelfmark": " ".join(signature), "genre": g})


records = [json.loads(entry()) for _ in range(2200)]
# fault:
texts = [r["shelfmark"].split() for r in records]
# mended:
# texts = [r["title"].split() for r in records]
# end
labels = torch.tensor([list(GENRES).index(r["genre"]) for r in records])
vocab = {w: i for i, w in enumerate(sorted({w for t in texts for w in t}))}
ids = torch.tensor([[vocab[w] for w in t] for t in texts])


class Catalogue(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 16)
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 4)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.fc2(self.drop(torch.relu(self.fc1(self.emb(x).flatten(1)))))


model = Catalogue()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(4):
    model.train()
    losses = []
    for i in torch.randperm(1800).split(45):
        loss = nn.functional.cross_entropy(model(ids[i]), labels[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(ids[1800:]).argmax(1) == labels[1800:]).float().mean().item()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f} dev accuracy {acc:.4f}")
