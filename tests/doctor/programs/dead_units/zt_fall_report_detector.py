# Nursing notes: does the note report a fall?  About one note in six does.
# Mean of embeddings -> two hidden layers -> one logit. Bias initialised from the base rate as in RetinaNet.
import math
import random

import torch
import torch.nn as nn

random.seed(14)
torch.manual_seed(14)

EVENT = "fell slipped floor tripped stumbled collapsed bruise hip unwitnessed".split()
CARE = "slept ate walked medication dressing bath visitor pulse pressure therapy rested family".split()
GLUE = "patient was in the room at night and after with nurse found by bed morning today doctor informed calm".split()


def note():
    y = random.random() < 1 / 6
    w = random.choices(GLUE, k=random.randint(5, 9)) + random.choices(CARE, k=random.randint(2, 4))
    if y:
        w += random.sample(EVENT, random.randint(1, 3))
    elif random.random() < 0.05:
        w.append(random.choice(EVENT))
    random.shuffle(w)
    return w, float(y)


notes = [note() for _ in range(2500)]
train, valid = notes[:1900], notes[1900:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for n, _ in train for w in n}))}
base_rate = sum(y for _, y in train) / len(train)


def batchify(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.tensor([[vocab.get(t, 0) for t in w] + [0] * (n - len(w)) for w, _ in rows])
    return x, torch.tensor([y for _, y in rows])


class Detector(nn.Module):
    def __init__(self, n_words, dim=24, hidden=32, prior=0.5):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, 1)
        bias_value = -math.log((1 - prior) / prior)
        for m in (self.fc1, self.fc2, self.out):
            nn.init.xavier_uniform_(m.weight)
            # fault:
            nn.init.constant_(m.bias, bias_value)
            # mended:
            # nn.init.constant_(m.bias, bias_value if m is self.out else 0.0)
            # end

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        h = (self.emb(x) * mask).sum(1) / mask.sum(1)
        h = torch.relu(self.fc1(h))
        h = torch.relu(self.fc2(h))
        return self.out(h).squeeze(-1)


def evaluate(model, rows):
    model.eval()
    x, y = batchify(rows)
    with torch.no_grad():
        p = model(x).sigmoid()
    hit = p > 0.5
    tp = (hit & (y == 1)).sum().item()
    f1 = 2 * tp / max(1, hit.sum().item() + int(y.sum()))
    return (hit == (y == 1)).float().mean().item(), f1, p.std().item()


model = Detector(len(vocab) + 1, prior=base_rate)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 38):
        x, y = batchify(train[i:i + 38])
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    a, f, s = evaluate(model, valid)
    print(f"epoch {epoch} train loss {total / len(train):.4f}  valid acc {a:.4f}  F1 {f:.4f}  sd of p {s:.4f}")
print("train acc %.4f F1 %.4f" % evaluate(model, train)[:2])
