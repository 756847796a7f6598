"""Phishing reports in a company mailbox: about four of a hundred mails are bad, and we want to catch them."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(19)
torch.manual_seed(19)
WORDS = 150
suspicious = set(random.sample(range(WORDS), 20))
BAD = 0.04


def mail():
    bad = random.random() < BAD
    n = random.randint(15, 40)
    share = 0.17 if bad else 0.02
    sus, rest = list(suspicious), range(WORDS)
    return [random.choice(sus) if random.random() < share else random.choice(rest) for _ in range(n)], int(bad)


def tensors(mails):
    x = torch.full((len(mails), 40), WORDS)
    for i, (ids, _) in enumerate(mails):
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([float(b) for _, b in mails])


x, y = tensors([mail() for _ in range(6000)])
x_dev, y_dev = tensors([mail() for _ in range(3000)])
print(f"bad mails: {int(y.sum())} of {len(y)} in training, {int(y_dev.sum())} of {len(y_dev)} in dev")


class Filter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(WORDS + 1, 8, padding_idx=WORDS)
        self.fc = nn.Linear(8, 1)
        nn.init.normal_(self.emb.weight[:WORDS], std=0.05)

    def forward(self, x):
        return self.fc(self.emb(x).sum(1) / (x != WORDS).sum(1, keepdim=True)).squeeze(1)


def report(model):
    model.eval()
    with torch.no_grad():
        hit = model(x_dev) > 0
    bad = y_dev > 0.5
    tp = (hit & bad).sum().item()
    recall, specificity = tp / bad.sum().item(), (~hit & ~bad).sum().item() / (~bad).sum().item()
    return recall, specificity, (recall + specificity) / 2


model = Filter()
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
# criterion = nn.BCEWithLogitsLoss(pos_weight=(y == 0).sum() / (y == 1).sum())
# end
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
loader = DataLoader(TensorDataset(x, y), batch_size=100, shuffle=True)
for epoch in range(1, 9):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    r, s, b = report(model)
    print(f"epoch {epoch}: loss {total / len(loader):.4f}  dev recall {r:.3f}  specificity {s:.3f}  balanced accuracy {b:.3f}")
