# Classify recipe titles into cuisines with a small CNN
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(21)
torch.manual_seed(21)
cuisines = {
    "italian": "risotto pasta basil parmesan pesto gnocchi ricotta polenta".split(),
    "mexican": "taco salsa tortilla chipotle avocado beans enchilada cilantro".split(),
    "indian": "curry masala paneer lentil turmeric naan chutney cardamom".split(),
    "japanese": "miso sushi teriyaki ramen tofu wasabi seaweed udon".split(),
}
adjectives = "easy quick grandmas spicy baked grilled creamy best simple summer roasted fresh".split()
basics = "chicken rice soup salad with and bowl stew vegetables fish plate dinner".split()
names = list(cuisines)
vocab = {w: i for i, w in enumerate(["<pad>"] + adjectives + basics + [w for ws in cuisines.values() for w in ws])}
titles = {}
while len(titles) < 2000:
    c = random.choice(names)
    t = [random.choice(adjectives), *random.sample(cuisines[c], random.choice([1, 2])), *random.sample(basics, 3)]
    random.shuffle(t)
    titles[" ".join(t)] = names.index(c)
X = torch.zeros(len(titles), 6, dtype=torch.long)
for i, t in enumerate(titles):
    ids = [vocab[w] for w in t.split()]
    X[i, : len(ids)] = torch.tensor(ids)
y = torch.tensor(list(titles.values()))
X_train, y_train, X_val, y_val = X[:1600], y[:1600], X[1600:], y[1600:]


class CNN(nn.Module):
    def __init__(self, n_classes=4, dim=32, filters=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, filters, k) for k in (1, 2, 3)])
        self.fc = nn.Linear(3 * filters, n_classes)

    def forward(self, x):
        x = self.emb(x).permute(0, 2, 1)
        x = [F.relu(conv(x)).max(dim=2)[0] for conv in self.convs]
        return self.fc(torch.cat(x, 1))


# fault:
text_loader = DataLoader(X_train, batch_size=32, shuffle=True)
label_loader = DataLoader(y_train, batch_size=32, shuffle=True)
# mended:
# train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
# end
model = CNN()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    losses = []
    # fault:
    for xb, yb in zip(text_loader, label_loader):
    # mended:
    # for xb, yb in train_loader:
    # end
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        val_acc = (model(X_val).argmax(1) == y_val).float().mean().item()
    print(f"Epoch {epoch + 1}: loss={np.mean(losses):.4f} val_acc={val_acc:.4f}")
