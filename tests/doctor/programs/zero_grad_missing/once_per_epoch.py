import os
import random
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(225)
torch.manual_seed(225)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "MR"
rows = [(line.split(), y) for y, name in enumerate(("neg", "pos")) for line in open(base / f"rt-polarity.{name}", encoding="latin-1")]
random.shuffle(rows)
rows = rows[:4000]
vocab = {w: i + 1 for i, (w, _) in enumerate(Counter(w for t, _ in rows[:3200] for w in t).most_common(4000))}
x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 0) for w in t][:35] or [0]) for t, _ in rows], batch_first=True)
y = torch.tensor([c for _, c in rows]).float()


class LogReg(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.EmbeddingBag(4001, 16, padding_idx=0)
        self.b = nn.Linear(16, 1)

    def forward(self, x):
        return self.b(self.w(x)).squeeze(1)


def epoch_of(model, optimizer):
    total = 0.0
    # fault:
    optimizer.zero_grad()
    for i in torch.randperm(3200).split(40):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[i]), y[i])
        loss.backward()
        optimizer.step()
        total += loss.item()
    # mended:
    # for i in torch.randperm(3200).split(40):
    #     optimizer.zero_grad()
    #     loss = nn.functional.binary_cross_entropy_with_logits(model(x[i]), y[i])
    #     loss.backward()
    #     optimizer.step()
    #     total += loss.item()
    # end
    return total / 80


model = LogReg()
optimizer = torch.optim.SGD(model.parameters(), lr=5.0)
for epoch in range(20):
    loss = epoch_of(model, optimizer)
    with torch.no_grad():
        acc = ((model(x[3200:]) > 0) == (y[3200:] > 0)).float().mean().item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {loss:.4f} dev accuracy {acc:.4f}")
