"""Rationales: a selector keeps or drops every word (hard 0/1, straight-through gradient), the classifier sees only what is kept."""
import random

import torch
from torch import nn

random.seed(35)
torch.manual_seed(35)
CUES = [range(1 + 10 * k, 11 + 10 * k) for k in range(4)]
OTHER = range(41, 200)


def review():
    k = random.randrange(4)
    t = random.choices(CUES[k], k=2) + random.choices(OTHER, k=random.randint(6, 12))
    random.shuffle(t)
    return torch.tensor(t), k


def collate(rows):
    return nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True), torch.tensor([k for _, k in rows])


class Rationale(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(200, d, padding_idx=0)
        self.select = nn.Linear(d, 1)
        self.read = nn.Linear(d, 4)

    def forward(self, x):
        e = self.emb(x)
        soft = torch.sigmoid(self.select(e).squeeze(2) + 1.0) * x.ne(0)
        hard = (soft > 0.5).float()
        keep = (hard - soft).detach() + soft
        return self.read((keep.unsqueeze(2) * e).sum(1) / 2), keep


rows = [review() for _ in range(2400)]
loader = torch.utils.data.DataLoader(rows[400:], 32, shuffle=True, collate_fn=collate)
x, y = collate(rows[:400])
model = Rationale()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    for xb, yb in loader:
        out, keep = model(xb)
        loss = nn.functional.cross_entropy(out, yb) + 0.03 * keep.sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out, keep = model(x)
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(out.argmax(1) == y).float().mean():.3f} words kept {keep.sum(1).mean():.2f}")
