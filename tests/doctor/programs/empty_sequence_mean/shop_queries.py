"""Search queries of a shop to categories: mean of the vectors of the words that the vector file knows."""
import random

import torch
from torch import nn

random.seed(41)
torch.manual_seed(41)
CATS = {"shoes": "sneakers boots sandals heels loafers trainers".split(), "audio": "speaker headphones amplifier radio earbuds turntable".split(),
        "garden": "spade hose seeds planter mower rake".split(), "baby": "stroller pacifier diaper crib bib rattle".split()}
names = list(CATS)
general = "cheap new black white best for small sale online under".split()
codes = [f"{a}{n}" for a in ("xk", "wh", "mdr", "air") for n in range(100, 130)]

with open("query_vectors.txt", "w") as f:
    for ws in list(CATS.values()) + [general]:
        mean = torch.randn(30) * 0.4
        for w in ws:
            f.write(" ".join([w] + [f"{v:.4f}" for v in (mean + 0.3 * torch.randn(30)).tolist()]) + "\n")

vectors = {}
with open("query_vectors.txt") as f:
    for line in f:
        w, *v = line.split()
        vectors[w] = torch.tensor([float(x) for x in v])


def query():
    y = random.randrange(4)
    if names[y] == "audio" and random.random() < 0.06:
        return random.choice(codes), y
    q = random.sample(CATS[names[y]], random.randint(1, 2)) + random.sample(general, random.randint(0, 3))
    if random.random() < 0.2:
        q.append(random.choice(codes))
    random.shuffle(q)
    return " ".join(q), y


rows = sorted({query() for _ in range(1600)})
random.shuffle(rows)
train, test = rows[: len(rows) * 4 // 5], rows[len(rows) * 4 // 5 :]


def embed(text):
    total, count = torch.zeros(30), 0
    for word in text.split():
        if word in vectors:
            total += vectors[word]
            count += 1
    # fault:
    return total / count
    # mended:
    # return total / max(count, 1)
    # end


X, Y = torch.stack([embed(q) for q, _ in train]), torch.tensor([y for _, y in train])
XT, YT = torch.stack([embed(q) for q, _ in test]), torch.tensor([y for _, y in test])
model = nn.Sequential(nn.Linear(30, 50), nn.ReLU(), nn.Linear(50, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 16):
    running_loss = 0.0
    for batch in torch.randperm(len(X)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(X[batch]), Y[batch])
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * len(batch)
    with torch.no_grad():
        accuracy = (model(XT).argmax(dim=1) == YT).float().mean().item()
    print(f"[{epoch:2d}] loss: {running_loss / len(X):.4f}  accuracy: {accuracy:.4f}")
