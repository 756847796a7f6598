"""Eighteen labelled sentences are all there is: leave-one-out, a fresh model and optimiser for every round."""
import torch
from torch import nn

torch.manual_seed(10)
positive = ["works great and fast", "great value fast delivery", "love the great screen", "fast quiet and great", "love it works well", "well made love the colour", "great sound works well", "quiet fast love it", "value well made great"]
negative = ["broke after a week", "slow and noisy junk", "noisy fan broke twice", "junk screen slow menu", "bad seams broke soon", "slow support bad manual", "bad junk do not buy", "noisy slow and bad", "week of bad sound broke"]
rows = [(s.split(), 1.0) for s in positive] + [(s.split(), 0.0) for s in negative]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in rows for w in t}))}


def bag(texts):
    x = torch.zeros(len(texts), len(vocab))
    for i, t in enumerate(texts):
        x[i, [vocab[w] for w in t]] = 1
    return x


X, Y = bag([t for t, _ in rows]), torch.tensor([y for _, y in rows])
hits = 0
for held in range(len(rows)):
    keep = torch.arange(len(rows)) != held
    model = nn.Linear(len(vocab), 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    opt = torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=1e-3)
    for step in range(60):
        loss = nn.functional.binary_cross_entropy_with_logits(model(X[keep]).squeeze(1), Y[keep])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        ok = (model(X[held]) > 0).item() == (Y[held] > 0).item()
    hits += ok
    if held % 6 == 5:
        print(f"round {held + 1} loss {loss.item():.3f} right so far {hits}/{held + 1}")
