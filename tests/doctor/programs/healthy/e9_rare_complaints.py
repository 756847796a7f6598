# Find the few messages that are complaints (about 1 in 12) - EmbeddingBag and pos_weight
import random
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import f1_score, roc_auc_score, precision_score, recall_score

random.seed(30)
np.random.seed(30)
torch.manual_seed(30)

vocabulary = ["w%03d" % i for i in range(260)]
bad = "refund broken late rude missing damaged wrong angry never useless waiting cancel".split()
nice = "thanks great lovely perfect quick friendly smile super".split()
words = vocabulary + bad + nice
idx = {w: i for i, w in enumerate(words)}
zipf = 1 / np.arange(8, 8 + len(vocabulary))
zipf /= zipf.sum()


def message(complaint):
    n = random.randint(6, 16)
    text = list(np.random.choice(vocabulary, n, p=zipf))
    if complaint:
        text += random.sample(bad, random.randint(2, 3)) + (random.sample(nice, 1) if random.random() < 0.2 else [])
    else:
        text += random.sample(nice, random.choice([0, 0, 1, 2])) + (random.sample(bad, 1) if random.random() < 0.25 else [])
    random.shuffle(text)
    return [idx[w] for w in text]


flags = [int(random.random() < 0.085) for _ in range(5000)]
data = [(message(f), f) for f in flags]
train, test = data[:3800], data[3800:]


def bag(rows):
    flat = torch.tensor([i for m, _ in rows for i in m])
    starts = torch.tensor(np.cumsum([0] + [len(m) for m, _ in rows[:-1]]))
    return flat, starts, torch.tensor([float(f) for _, f in rows])


model = nn.ModuleDict({
    "bag": nn.EmbeddingBag(len(words), 8, mode="sum"),
    "out": nn.Linear(8, 1),
})
nn.init.normal_(model["bag"].weight, std=0.1)
n_pos = sum(f for _, f in train)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(train) - n_pos) / n_pos))
optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.1)


def logits(flat, starts):
    return model["out"](model["bag"](flat, starts)).squeeze(-1)


def report(name, rows):
    flat, starts, y = bag(rows)
    with torch.no_grad():
        z = logits(flat, starts)
        loss = criterion(z, y).item()
    p = (z > 1.5).int().numpy()
    y = y.int().numpy()
    print("  %-5s loss %.3f  f1 %.3f  precision %.3f  recall %.3f  auc %.3f" % (
        name, loss, f1_score(y, p, zero_division=0), precision_score(y, p, zero_division=0),
        recall_score(y, p), roc_auc_score(y, z.numpy())))


print("%d messages, %.1f%% complaints" % (len(data), 100 * np.mean(flags)))
for epoch in range(4):
    random.shuffle(train)
    for k in range(0, len(train), 64):
        flat, starts, y = bag(train[k:k + 64])
        loss = criterion(logits(flat, starts), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    print("epoch", epoch + 1)
    report("train", train)
    report("test", test)
