"""Negation flips the verdict: Transformer encoder layer with mean pooling."""
import random

import torch
import torch.nn as nn

random.seed(70); torch.manual_seed(70)
pos, neg = "good nice fine fun warm neat".split(), "bad sad dull cold rude ugly".split()
flip = "not never hardly".split()
mid = "the film was so it we had is a really and quite".split()


def sample():
    base, flipped = random.randrange(2), random.random() < 0.5
    t = random.choices(mid, k=random.randint(1, 6))
    cue = ([random.choice(flip)] if flipped else []) + [random.choice((neg, pos)[base])]
    at = random.randint(0, len(t))
    return t[:at] + cue + t[at:], base ^ flipped


seen, rows = set(), []
while len(rows) < 1300:
    t, y = sample()
    if tuple(t) not in seen:
        seen.add(tuple(t))
        rows.append((t, int(y)))
train, dev = rows[:1000], rows[1000:]
stoi = {w: i + 1 for i, w in enumerate(sorted(set(pos + neg + flip + mid)))}


class TransformerModel(nn.Module):
    def __init__(self, d_model=24, nhead=2, num_classes=2):
        super().__init__()
        self.embed = nn.Embedding(len(stoi) + 1, d_model, padding_idx=0)
        # fault:
        self.encoder = nn.TransformerEncoderLayer(d_model, nhead, 48, dropout=0.0)
        # mended:
        # self.encoder = nn.TransformerEncoderLayer(d_model, nhead, 48, dropout=0.0, batch_first=True)
        # end
        self.fc = nn.Linear(d_model, num_classes)

    def forward(self, ids):
        real = ids != 0
        # fault:
        h = self.encoder(self.embed(ids), src_key_padding_mask=~real.t())
        # mended:
        # h = self.encoder(self.embed(ids), src_key_padding_mask=~real)
        # end
        h = torch.where(real.unsqueeze(-1), h, torch.zeros_like(h))
        return self.fc(h.sum(1) / real.sum(1, keepdim=True))


def batch(part):
    n = max(len(t) for t, _ in part)
    return torch.tensor([[stoi[w] for w in t] + [0] * (n - len(t)) for t, _ in part]), torch.tensor([y for _, y in part])


model = TransformerModel()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    model.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, 1000, 40):
        ids, y = batch(train[i:i + 40])
        loss = nn.functional.cross_entropy(model(ids), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 25
    model.eval()
    with torch.no_grad():
        hits = 0
        for i in range(0, 300, 30):
            ids, y = batch(dev[i:i + 30])
            hits += (model(ids).argmax(1) == y).sum().item()
    print(f"epoch {epoch} loss {tot:.4f} dev acc {hits / 300:.4f}")
