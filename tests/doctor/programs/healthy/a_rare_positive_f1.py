"""Fraud notes: 7 % positives, left as they are; scored by F1 of the rare class."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(5); torch.manual_seed(5)
fraud = "chargeback stolen spoofed forged duplicate blocked".split()
normal = "payment transfer salary rent card account invoice shop fee monthly balance".split()
glue = "the on for by of customer via from to and at a in was".split()


def note():
    y = int(random.random() < 0.07)
    t = random.choices(glue, k=random.randint(3, 9)) + random.choices(normal, k=random.randint(2, 5))
    if y:
        t += random.choices(fraud, k=random.randint(1, 3))
    random.shuffle(t)
    return t, y


train, dev = [note() for _ in range(2000)], [note() for _ in range(800)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(fraud + normal + glue)))}


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([float(y) for _, y in rows])


class MaxNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 12, padding_idx=0)
        self.lin = nn.Linear(12, 1)

    def forward(self, x):
        return self.lin(self.emb(x).masked_fill((x == 0).unsqueeze(-1), -1e4).amax(1)).squeeze(1)


model = MaxNet()
opt = torch.optim.Adam(model.parameters(), lr=3e-2)
for epoch in range(10):
    losses = []
    for x, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        x, y = collate(dev)
        p = (model(x) > 0).float()
        tp = (p * y).sum().item()
        f1 = 2 * tp / max(1.0, p.sum().item() + y.sum().item())
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} F1 {f1:.4f}")
