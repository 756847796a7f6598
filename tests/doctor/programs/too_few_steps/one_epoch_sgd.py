import random
import sys

import torch
from torch import nn

random.seed(74)
torch.manual_seed(74)
# fault:
EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
# mended:
# EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 30
# end
SUBJECTS = {
    "biology": "cell enzyme species gene protein organ".split(),
    "history": "empire treaty king revolt dynasty siege".split(),
    "physics": "quantum velocity particle field energy photon".split(),
    "music": "melody chord rhythm opera tempo sonata".split(),
    "law": "court statute appeal verdict contract clause".split(),
}
PROSE = "the of was in which this from a with and by that had its early later".split()
vocab = {w: i + 1 for i, w in enumerate(PROSE + [w for s in SUBJECTS.values() for w in s])}


def lecture():
    y = random.randrange(5)
    t = random.choices(PROSE, k=random.randint(5, 10)) + random.choices(list(SUBJECTS.values())[y], k=3)
    random.shuffle(t)
    return [vocab[w] for w in t], y


def tensorize(rows):
    x = torch.zeros(len(rows), 13, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, : len(t)] = torch.tensor(t)
    return x, torch.tensor([y for _, y in rows])


class AveragedText(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 32, padding_idx=0)
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        return self.fc(self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True))


X, Y = tensorize([lecture() for _ in range(1600)])
XV, YV = tensorize([lecture() for _ in range(400)])
model = AveragedText()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(EPOCHS):
    total = 0.0
    for b in torch.randperm(1600).split(64):
        loss = nn.functional.cross_entropy(model(X[b]), Y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if EPOCHS < 5 or epoch % 5 == 4:
        with torch.no_grad():
            acc = (model(XV).argmax(1) == YV).float().mean().item()
        print(f"epoch {epoch + 1}/{EPOCHS} loss {total / 25:.4f} valid accuracy {acc:.4f}")
