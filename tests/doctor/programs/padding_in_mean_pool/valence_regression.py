"""How positive is a comment on average? Regression from word embeddings."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(4)
torch.manual_seed(4)

VALENCE = {
    "awful": -3, "horrid": -3, "dreadful": -3, "bad": -2, "poor": -2, "weak": -1, "dull": -1, "slow": -1, "odd": -0.5,
    "fine": 0.5, "nice": 1, "solid": 1, "good": 2, "fresh": 1.5, "great": 2.5, "superb": 3, "brilliant": 3, "perfect": 3,
}
NEUTRAL = "the plot camera actor scene music first half with and of a in it was story ending script cast time city".split()


def comment():
    mood = random.uniform(-3, 3)
    pool = sorted(VALENCE, key=lambda w: abs(VALENCE[w] - mood))[:6]
    n = min(3 + int(random.expovariate(0.1)), 60)
    words = [random.choice(pool) if random.random() < 0.6 else random.choice(NEUTRAL) for _ in range(n)]
    target = sum(VALENCE.get(w, 0.0) for w in words) / n
    return words, target


rows = [comment() for _ in range(1400)]
train, dev = rows[:1100], rows[1100:]
vocab = {w: i for i, w in enumerate(["<pad>"] + NEUTRAL + list(VALENCE))}


def collate(batch):
    T = max(len(w) for w, _ in batch)
    ids = torch.tensor([[vocab[t] for t in w] + [0] * (T - len(w)) for w, _ in batch])
    return ids, torch.tensor([v for _, v in batch])


class ValenceModel(nn.Module):
    def __init__(self, vocab_size, embed_dim=16):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.linear = nn.Linear(embed_dim, 1)

    def forward(self, ids):
        embedded = self.embedding(ids)  # B x T x D
        # fault:
        pooled = embedded.mean(dim=1)
        # mended:
        # mask = (ids != 0).unsqueeze(-1)
        # pooled = (embedded * mask).sum(dim=1) / mask.sum(dim=1)
        # end
        return self.linear(pooled).squeeze(-1)


model = ValenceModel(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.MSELoss()
train_loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev, batch_size=64, collate_fn=collate)
for epoch in range(12):
    model.train()
    running = 0.0
    for ids, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(ids), target)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(target)
    model.eval()
    with torch.no_grad():
        mse = sum(((model(ids) - target) ** 2).sum().item() for ids, target in dev_loader) / len(dev)
    print(f"epoch {epoch}: train mse {running / len(train):.4f}, dev mse {mse:.4f}")
