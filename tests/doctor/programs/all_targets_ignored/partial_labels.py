"""Tag ingredients; only a part of the sentences was annotated, the rest carries -100."""
import copy
import random

import torch
from torch import nn

random.seed(114)
torch.manual_seed(114)
UNIT = "cup spoon gram pinch litre".split()
FOOD = "sugar flour milk salt butter rice honey".split()
ACT = "mix heat pour whisk fold".split()


def step():
    toks, tags = [random.choice(ACT), "one", random.choice(UNIT), "of", random.choice(FOOD)], [1, 0, 2, 0, 3]
    if random.random() < 0.5:
        toks += ["and", random.choice(FOOD)]
        tags += [0, 3]
    if random.random() < 0.7:
        tags = [-100] * len(tags)
    return toks, tags


rows = [step() for _ in range(1200)]
vocab = {w: i + 1 for i, w in enumerate(["one", "of", "and"] + UNIT + FOOD + ACT)}


def batches(rows, size):
    # fault:
    chosen = rows
    # mended:
    # chosen = [r for r in rows if r[1][0] != -100]
    # end
    for i in range(0, len(chosen), size):
        part = chosen[i : i + size]
        yield (
            nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in part]),
            nn.utils.rnn.pad_sequence([torch.tensor(g) for _, g in part], padding_value=-100),
        )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.rnn = nn.LSTM(16, 24)
        self.out = nn.Linear(24, 4)

    def forward(self, x):
        return self.out(self.rnn(self.emb(x))[0])


def run(model, rows, optimizer=None):
    total, n = 0.0, 0
    for x, y in batches(rows, 6):
        loss = criterion(model(x).flatten(0, 1), y.flatten())
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item()
        n += 1
    return total / n


model = Net()
criterion = nn.CrossEntropyLoss(ignore_index=-100)
adam = torch.optim.Adam(model.parameters(), lr=3e-3)
best, saved = float("inf"), copy.deepcopy(model.state_dict())
train, dev = rows[:900], rows[900:]
for epoch in range(5):
    random.shuffle(train)
    train_loss = run(model, train, adam)
    with torch.no_grad():
        dev_loss = run(model, dev)
    if dev_loss < best:
        best, saved = dev_loss, copy.deepcopy(model.state_dict())
    print(f"epoch {epoch}: train {train_loss:.4f} dev {dev_loss:.4f} best {best:.4f}")
model.load_state_dict(saved)
right = total = 0
with torch.no_grad():
    for toks, tags in dev:
        if tags[0] != -100:
            guess = model(torch.tensor([[vocab[w]] for w in toks])).argmax(-1)[:, 0].tolist()
            right += sum(a == b for a, b in zip(guess, tags))
            total += len(tags)
print("dev accuracy", right / total)
