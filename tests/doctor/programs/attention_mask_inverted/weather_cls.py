"""Transformer encoder with a CLS token: which warning belongs to a weather report?"""
import math
import random

import torch
import torch.nn as nn

random.seed(5)
torch.manual_seed(5)

PAD, CLS = 0, 1
KEYS = {
    "wind": "gusts gale squalls storm breeze gusty".split(),
    "rain": "showers downpour drizzle flooding rainfall thunderstorms".split(),
    "snow": "snowfall flurries blizzard ice frost sleet".split(),
    "heat": "hot sunshine scorching drought dry heatwave".split(),
}
FILL = "expected in the north south east west of region during morning evening night with some locally over coast valley and later tomorrow".split()
names = list(KEYS)
vocab = {w: i + 2 for i, w in enumerate(FILL + sum(KEYS.values(), []))}
MAX = 24


def make(n, seen):
    rows = []
    while len(rows) < n:
        label = random.randrange(4)
        words = random.choices(FILL, k=random.randint(4, 16))
        for w in random.sample(KEYS[names[label]], 2):
            words.insert(random.randrange(len(words)), w)
        if random.random() < 0.3:
            words.insert(random.randrange(len(words)), random.choice(KEYS[random.choice(names)]))
        if " ".join(words) in seen:
            continue
        seen.add(" ".join(words))
        ids = [CLS] + [vocab[w] for w in words]
        rows.append((ids + [PAD] * (MAX - len(ids)), label))
    return torch.tensor([r for r, _ in rows]), torch.tensor([y for _, y in rows])


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[:, : x.size(1)]


class Classifier(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.d_model = d_model
        self.embed = nn.Embedding(len(vocab) + 2, d_model, padding_idx=PAD)
        self.pos = PositionalEncoding(d_model, MAX)
        layer = nn.TransformerEncoderLayer(d_model, nhead=4, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.out = nn.Linear(d_model, 4)

    def forward(self, src):
        # fault:
        padding_mask = src != PAD
        # mended:
        # padding_mask = src == PAD
        # end
        x = self.pos(self.embed(src) * math.sqrt(self.d_model))
        x = self.encoder(x, src_key_padding_mask=padding_mask)
        return self.out(x[:, 0])


seen = set()
x_train, y_train = make(1600, seen)
x_val, y_val = make(400, seen)
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 9):
    model.train()
    for idx in torch.randperm(len(x_train)).split(32):
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_val)
    print(f"epoch {epoch} train {loss.item():.3f} val {loss_fn(logits, y_val).item():.3f} acc {(logits.argmax(1) == y_val).float().mean():.3f}")
