"""Predict the group of a newsletter subject line with a small CNN and early stopping."""
import random

import torch
from torch import nn

random.seed(97)
torch.manual_seed(97)
themes = ["garden", "travel", "kitchen"]
cues = {"garden": "seed lawn roses prune soil".split(), "travel": "beach flight hotel visa island".split(), "kitchen": "oven recipe spice bake knife".split()}
other = "your new this week our best five ways to save now win ideas for and a".split()
vocab = {w: i + 1 for i, w in enumerate(other + sum(cues.values(), []))}
lines = []
for number in range(1500):
    theme = random.choice(themes)
    words = random.choices(other, k=random.randint(5, 8)) + random.sample(cues[theme], 2)
    random.shuffle(words)
    lines.append({"number": number, "subject": " ".join(words), "arm": random.choice("ABC"), "theme": theme})
# fault:
column, values = "arm", ["A", "B", "C"]
# mended:
# column, values = "theme", themes
# end


def batch(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in r["subject"].split()]) for r in rows], batch_first=True)
    return x, torch.tensor([values.index(r[column]) for r in rows])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 20, padding_idx=0)
        self.conv = nn.Conv1d(20, 32, 3, padding=1)
        self.fc = nn.Linear(32, 3)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2))).masked_fill((x == 0).unsqueeze(1), 0)
        return self.fc(h.amax(2))


train, valid = lines[:1200], lines[1200:]
net = CNN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
best, waited = float("inf"), 0
for epoch in range(12):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1200, 30):
        x, y = batch(train[i:i + 30])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        x, y = batch(valid)
        p = net(x)
        vloss, acc = nn.functional.cross_entropy(p, y).item(), (p.argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / 40:.4f} valid loss {vloss:.4f} accuracy {acc:.4f}")
    waited = 0 if vloss < best - 1e-3 else waited + 1
    best = min(best, vloss)
    if waited == 4:
        break
