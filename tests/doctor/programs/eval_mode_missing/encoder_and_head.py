"""Encoder and head are separate modules; the question is which of three offices a request is for."""
import random

import torch
from torch import nn

random.seed(84)
torch.manual_seed(84)
offices = {"tax": "income form return levy file".split(), "roads": "hole lamp lane sign kerb".split(), "parks": "bench tree swing grass dog".split()}
plain = "there is a the at our street please could you when will be by and next to again".split()
ids = {w: i + 1 for i, w in enumerate(plain + sum(offices.values(), []))}


def request():
    k = random.randrange(3)
    t = random.choices(plain, k=random.randint(5, 10))
    t.insert(random.randrange(len(t)), random.choice(list(offices.values())[k]))
    return torch.tensor([ids[w] for w in t]), k


def collate(rows):
    return nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True), torch.tensor([k for _, k in rows])


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.drop = nn.Dropout(0.6)
        self.fc = nn.Linear(d, d)

    def forward(self, x):
        h = self.drop(torch.relu(self.fc(self.drop(self.emb(x)))))
        return h.masked_fill((x == 0).unsqueeze(2), 0).amax(1)


encoder, head = Encoder(), nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 3))
opt = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=3e-3)
rows = [request() for _ in range(1500)]
train = torch.utils.data.DataLoader(rows[:1200], 30, shuffle=True, collate_fn=collate)
test = torch.utils.data.DataLoader(rows[1200:], 100, collate_fn=collate)


def evaluate():
    # fault:
    head.eval()
    # mended:
    # encoder.eval()
    # head.eval()
    # end
    hits = 0
    with torch.no_grad():
        for x, y in test:
            hits += (head(encoder(x)).argmax(1) == y).sum().item()
    return hits / 300


for epoch in range(8):
    encoder.train()
    head.train()
    for x, y in train:
        loss = nn.functional.cross_entropy(head(encoder(x)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.3f} test accuracy {evaluate():.3f}")
