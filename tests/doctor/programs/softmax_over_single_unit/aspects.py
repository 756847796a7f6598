"""Which aspects does a restaurant comment speak of? One small head per aspect."""
import random

import torch
from torch import nn

random.seed(80)
torch.manual_seed(80)
aspects = {
    "food": "soup steak salty tasty dessert menu".split(),
    "service": "waiter rude polite slow bill smile".split(),
    "place": "noisy terrace view chairs music clean".split(),
}
filler = "we the it was and so very a bit but there with our had really".split()
vocab = {w: i + 1 for i, w in enumerate(filler + [w for ws in aspects.values() for w in ws])}


def comment():
    chosen = [a for a in aspects if random.random() < 0.5]
    t = random.choices(filler, k=random.randint(4, 9))
    for a in chosen:
        t.insert(random.randrange(len(t)), random.choice(aspects[a]))
    return {"ids": torch.tensor([vocab[w] for w in t]), "y": torch.tensor([float(a in chosen) for a in aspects])}


class Aspects(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.enc = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, batch_first=True)
        self.heads = nn.ModuleList([nn.Linear(d, 1) for _ in aspects])

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.emb(x), src_key_padding_mask=pad)
        pooled = h.masked_fill(pad.unsqueeze(-1), -1e4).amax(1)
        # fault:
        return torch.cat([head(pooled).softmax(dim=-1) for head in self.heads], dim=1)
        # mended:
        # return torch.cat([head(pooled).sigmoid() for head in self.heads], dim=1)
        # end


def collate(rows):
    return nn.utils.rnn.pad_sequence([r["ids"] for r in rows], batch_first=True), torch.stack([r["y"] for r in rows])


data = [comment() for _ in range(1000)]
train = torch.utils.data.DataLoader(data[:800], batch_size=25, shuffle=True, collate_fn=collate)
test = torch.utils.data.DataLoader(data[800:], batch_size=200, collate_fn=collate)
model = Aspects()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
bce = nn.BCELoss()
for epoch in range(5):
    model.train()
    for x, y in train:
        loss = bce(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, y = next(iter(test))
        p = model(x)
        print(f"epoch {epoch} loss {loss.item():.4f} aspects right {((p > 0.5) == (y > 0.5)).float().mean():.4f}")
