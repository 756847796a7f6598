"""Tag recipes with any number of labels."""
import argparse
import random

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=4e-3)
parser.add_argument("--seed", type=int, default=7)
args = parser.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

LABELS = {
    "vegan": "tofu lentil chickpea kale tempeh quinoa".split(),
    "spicy": "chili jalapeno cayenne harissa sriracha wasabi".split(),
    "sweet": "sugar honey caramel vanilla syrup chocolate".split(),
    "quick": "minutes microwave instant shortcut toasted ready".split(),
    "baked": "oven crust flour dough yeast tray".split(),
    "seafood": "shrimp cod salmon squid mussel tuna".split(),
}
COMMON = "add the mix with stir until serve salt water pan cup then warm over plate bowl".split()
names = list(LABELS)
word_id = {w: i for i, w in enumerate(["<pad>"] + COMMON + [w for ws in LABELS.values() for w in ws])}


def recipe():
    target = [float(random.random() < 0.3) for _ in names]
    words = random.choices(COMMON, k=random.randint(6, 12))
    for on, name in zip(target, names):
        if on:
            words += random.sample(LABELS[name], random.randint(1, 2))
    random.shuffle(words)
    return [word_id[w] for w in words], target


def batchify(rows):
    width = max(len(r) for r, _ in rows)
    x = torch.tensor([r + [0] * (width - len(r)) for r, _ in rows])
    return {"ids": x, "mask": x != 0, "labels": torch.tensor([t for _, t in rows])}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(word_id), 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.head = nn.Linear(48, len(names))

    def forward(self, batch):
        h = torch.relu(self.conv(self.emb(batch["ids"]).transpose(1, 2)))
        h = h.masked_fill(~batch["mask"].unsqueeze(1), 0.0).max(dim=2).values
        # fault:
        return torch.sigmoid(self.head(h))
        # mended:
        # return self.head(h)
        # end


train = [recipe() for _ in range(1600)]
dev = batchify([recipe() for _ in range(400)])
model = Tagger()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        batch = batchify(train[i : i + 40])
        optimizer.zero_grad()
        loss = criterion(model(batch), batch["labels"])
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / 40:.4f}")

model.eval()
with torch.no_grad():
    # fault:
    guess = model(dev) > 0.5
    # mended:
    # guess = torch.sigmoid(model(dev)) > 0.5
    # end
truth = dev["labels"] > 0.5
hit = (guess & truth).sum().item()
f1 = 2 * hit / max(1, guess.sum().item() + truth.sum().item())
print(f"dev micro F1 {f1:.4f}")
