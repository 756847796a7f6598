"""Is the sentence grammatical? Word order of made-up sentences, LSTM classifier."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(17)
torch.manual_seed(17)
det, adj = "the a every this".split(), "small red old happy tall".split()
noun, verb = "cat dog child teacher car bird friend".split(), "sees likes hears follows finds helps".split()


def good():
    np = lambda: [random.choice(det)] + random.sample(adj, random.randint(0, 2)) + [random.choice(noun)]  # noqa: E731
    return np() + [random.choice(verb)] + np()


def bad():
    s = good()
    while True:
        i = random.randrange(len(s) - 1)
        kinds = [next(k for k, ws in enumerate((det, adj, noun, verb)) if w in ws) for w in s[i : i + 2]]
        if kinds[0] != kinds[1]:
            s[i], s[i + 1] = s[i + 1], s[i]
            return s


vocab = {w: i + 1 for i, w in enumerate(det + adj + noun + verb)}
rows = {}
while len(rows) < 2400:
    y = random.randint(0, 1)
    rows[tuple(good() if y else bad())] = y
X = torch.tensor([[0] * (9 - len(t)) + [vocab[w] for w in t] for t in rows])
Y = torch.tensor(list(rows.values()))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x):
        out, _ = self.lstm(self.embed(x))
        return self.fc(out[:, -1])


model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.5)
train_loader = DataLoader(TensorDataset(X[:2000], Y[:2000]), batch_size=32, shuffle=True)
for epoch in range(12):
    model.train()
    running = 0.0
    for data, target in train_loader:
        # fault:
        output = model(data)
        # mended:
        # optimizer.zero_grad()
        # output = model(data)
        # end
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(X[2000:]).argmax(1) == Y[2000:]).float().mean().item()
    print(f"Epoch {epoch + 1} loss {running / len(train_loader):.4f} val accuracy {acc:.4f}")
