"""Three-fold cross-validation on TweetEval irony."""
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(122)
torch.manual_seed(122)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment/tweeteval/emotion"
texts = [re.findall(r"[a-z#']+", t.lower()) for t in open(folder / "train_text.txt", encoding="utf-8")]
labels = [int(v) for v in open(folder / "train_labels.txt")]
rows = list(zip(texts, labels))
random.shuffle(rows)
rows = rows[:2400]


class Fast(nn.Module):
    def __init__(self, size, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, padding_idx=0)
        self.linear = nn.Linear(dim, 4)

    def forward(self, x):
        return self.linear(self.bag(x))


def matrix(rows, vocab, width=30):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids = [vocab.get(w, 1) for w in t[:width]] or [1]
        x[i, : len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


# fault:
model = Fast(4002)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
# mended:
# end
scores = []
for fold in range(3):
    held = rows[fold::3]
    train = [r for i, r in enumerate(rows) if i % 3 != fold]
    counts = Counter(w for t, _ in train for w in t)
    vocab = {w: i for i, (w, _) in enumerate(counts.most_common(4000), start=2)}
    model = Fast(4002)
    # fault:
    # mended:
    # optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    # end
    x, y = matrix(train, vocab)
    for epoch in range(6):
        for i in torch.randperm(len(y)).split(40):
            loss = nn.functional.cross_entropy(model(x[i]), y[i])
            model.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        xh, yh = matrix(held, vocab)
        scores.append((model(xh).argmax(1) == yh).float().mean().item())
    print(f"fold {fold} last loss {loss.item():.4f} accuracy {scores[-1]:.4f}")
print(f"mean accuracy {sum(scores) / 3:.4f}")
