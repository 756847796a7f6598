"""Transformer encoder for weather words with linear warm-up, as in the BERT recipes."""
import random

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

random.seed(19)
torch.manual_seed(19)
TOPICS = [[f"w{t}_{i}" for i in range(12)] for t in range(6)]
GENERAL = [f"g{i}" for i in range(50)]
VOC = {w: i + 2 for i, w in enumerate([w for t in TOPICS for w in t] + GENERAL)}
WARMUP, EPOCHS, BATCH = 60, 5, 25


def text():
    t = random.randrange(6)
    other = random.choice([o for o in range(6) if o != t])
    words = random.sample(TOPICS[t], 3) + random.sample(TOPICS[other], 1) + random.choices(GENERAL, k=random.randint(4, 10))
    random.shuffle(words)
    return [1] + [VOC[w] for w in words], t


def collate(rows):
    n = max(len(r) for r, _ in rows)
    return torch.tensor([r + [0] * (n - len(r)) for r, _ in rows]), torch.tensor([t for _, t in rows])


class Encoder(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(VOC) + 2, d, padding_idx=0), nn.Embedding(20, d)
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Linear(d, 6)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.size(1)))
        return self.cls(self.enc(h, src_key_padding_mask=x == 0)[:, 0])


train, dev = [text() for _ in range(1500)], [text() for _ in range(300)]
model = Encoder()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
total = EPOCHS * len(train) // BATCH
scheduler = LambdaLR(optimizer, lambda s: min((s + 0.1) / WARMUP, max(0.0, (total - s) / (total - WARMUP))))
for epoch in range(EPOCHS):
    model.train()
    mean = 0.0
    for x, y in DataLoader(train, BATCH, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        # fault:
        mean += loss.item() * BATCH / len(train)
    scheduler.step()
    # mended:
    #     scheduler.step()
    #     mean += loss.item() * BATCH / len(train)
    # end
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        print(f"epoch {epoch} loss {mean:.4f} dev acc {(model(x).argmax(1) == y).float().mean():.4f}")
