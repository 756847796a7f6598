"""Suggest tags for question titles (several tags per title)."""
import random

import torch
import torch.nn as nn

random.seed(17)
torch.manual_seed(17)

TAGS = {
    "python": "python pip list dict tuple lambda decorator indentation",
    "pandas": "dataframe column groupby merge csv pivot series index",
    "javascript": "javascript promise callback node dom closure async npm",
    "css": "css flexbox margin div grid padding font selector",
    "sql": "sql join query select table postgres subquery insert",
    "regex": "regex match pattern capture group lookahead replace backslash",
    "git": "git branch commit rebase merge-conflict push remote stash",
    "docker": "docker container image compose volume entrypoint registry port",
}
NAMES = list(TAGS)
FILL = "how to do i a the in with why is my not working when using get error from can best way one all each after".split()


def title():
    tags = random.sample(NAMES, random.choice([1, 1, 2, 2, 3]))
    words = random.choices(FILL, k=random.randint(4, 9))
    for t in tags:
        words += random.choices(TAGS[t].split(), k=random.choice([1, 2]))
    random.shuffle(words)
    return " ".join(words), tags


pool = dict(title() for _ in range(2600))
items = list(pool.items())
word_ids = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in items for w in t.split()}))}


def to_tensors(part):
    width = max(len(t.split()) for t, _ in part)
    x = torch.zeros(len(part), width, dtype=torch.long)
    y = torch.zeros(len(part), len(NAMES))
    for i, (t, tags) in enumerate(part):
        for j, w in enumerate(t.split()):
            x[i, j] = word_ids[w]
        for tag in tags:
            y[i, NAMES.index(tag)] = 1.0
    return x, y


train_x, train_y = to_tensors(items[:2100])
test_x, test_y = to_tensors(items[2100:])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(word_ids) + 1, 32, padding_idx=0)
        self.fc1 = nn.Linear(32, 48)
        self.fc2 = nn.Linear(48, len(NAMES))

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1)
        h = self.emb(x).masked_fill(~mask, -1e4).max(dim=1).values
        h = torch.tanh(self.fc1(h))
        # fault:
        return torch.sigmoid(self.fc2(h))
        # mended:
        # return self.fc2(h)
        # end


def scores(model, x, y, threshold=0.5):
    model.eval()
    with torch.no_grad():
        pred = (torch.sigmoid(model(x)) > threshold).float()
    tp = (pred * y).sum(0)
    f1 = 2 * tp / (pred.sum(0) + y.sum(0)).clamp(min=1)
    exact = (pred == y).all(1).float().mean()
    return f1.mean().item(), exact.item(), pred.sum(1).mean().item()


model = Tagger()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=4e-3)
for epoch in range(1, 19):
    model.train()
    running = 0.0
    for batch in torch.randperm(len(train_x)).split(30):
        optimizer.zero_grad()
        loss = criterion(model(train_x[batch]), train_y[batch])
        loss.backward()
        optimizer.step()
        running += loss.item()
    f1, exact, n = scores(model, test_x, test_y)
    print(f"[{epoch:2d}] loss {running / 70:.4f} macro-F1 {f1:.3f} exact {exact:.3f} tags per title {n:.2f} (true {test_y.sum(1).mean():.2f})")
