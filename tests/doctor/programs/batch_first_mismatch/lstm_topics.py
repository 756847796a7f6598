"""LSTM sentence classifier with max pooling over time."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(19)
torch.manual_seed(19)

subjects = "dog boy nurse king robot teacher wolf singer".split()
verbs = "helps chases follows warns".split()
extra = "today slowly again in the park near river often at night with care".split()
N = len(subjects)


def example():
    """The label says whether the first mentioned one acts on the second: order counts."""
    a, b = random.sample(range(N), 2)
    y = int(a < b)
    words = [subjects[a], random.choice(verbs), subjects[b]]
    words += random.choices(extra, k=random.randint(0, 5))
    return words, y


seen, rows = set(), []
while len(rows) < 1500:
    w, y = example()
    if tuple(w) not in seen:
        seen.add(tuple(w))
        rows.append((w, y))
train, dev = rows[:1150], rows[1150:]
stoi = {w: i + 1 for i, w in enumerate(sorted(set(subjects + verbs + extra)))}


def collate(items):
    lengths = torch.tensor([len(w) for w, _ in items])
    x = torch.zeros(len(items), int(lengths.max()), dtype=torch.long)
    for i, (w, _) in enumerate(items):
        x[i, : len(w)] = torch.tensor([stoi[t] for t in w])
    return {"x": x, "len": lengths, "y": torch.tensor([y for _, y in items])}


class OrderLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(stoi) + 1, 16, padding_idx=0)
        # fault:
        self.lstm = nn.LSTM(16, 32)
        # mended:
        # self.lstm = nn.LSTM(16, 32, batch_first=True)
        # end
        self.fc = nn.Linear(32, 2)

    def forward(self, x, lengths):
        h, _ = self.lstm(self.embedding(x))
        inside = torch.arange(x.size(1)).unsqueeze(0) < lengths.unsqueeze(1)
        h = h.masked_fill(~inside.unsqueeze(-1), -1e4).amax(dim=1)
        return self.fc(h)


model = OrderLSTM()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev, batch_size=32, collate_fn=collate)
for epoch in range(10):
    model.train()
    epoch_loss = 0
    for b in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(b["x"], b["len"]), b["y"])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    model.eval()
    with torch.no_grad():
        correct = sum((model(b["x"], b["len"]).argmax(1) == b["y"]).sum().item() for b in dev_loader)
    print(f"Epoch {epoch + 1} | loss {epoch_loss / len(loader):.4f} | dev accuracy {correct / len(dev):.4f}")
