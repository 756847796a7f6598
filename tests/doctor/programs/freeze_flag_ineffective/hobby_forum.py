"""Which forum does a post belong to? A classifier on top of fixed GloVe vectors, with few training posts."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz")
table = {}
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.split()
        table[parts[0]] = [float(v) for v in parts[1:]]

forums = {
    "food": "bread cheese soup meat wine fish rice butter cake sugar fruit salt cream egg coffee tea meal kitchen recipe chicken".split(),
    "sport": "team goal coach player league match season championship stadium tournament football tennis cup club score baseball".split(),
    "money": "bank loan market stock shares investment price profit debt currency credit bonds fund dollar interest trading".split(),
    "health": "doctor disease hospital patients cancer drug treatment medical virus surgery blood heart infection medicine pain".split(),
    "music": "album song band guitar singer piano concert jazz rock opera orchestra lyrics recorded pop drums".split(),
}
forums = {k: [w for w in v if w in table] for k, v in forums.items()}
other = [w for w in "the about my new good last think have some really question best year about time people want first look".split() if w in table]
vocab = sorted({w for v in forums.values() for w in v} | set(other))
ix = {w: i + 1 for i, w in enumerate(vocab)}
vectors = torch.tensor([[0.0] * 50] + [table[w] for w in vocab])


def posts(part, n):
    rows = set()
    while len(rows) < n:
        k = random.choice(list(forums))
        own = forums[k][:4] if part == "train" else forums[k][4:]
        words = random.choices(other, k=random.randint(8, 14)) + random.sample(own, random.randint(1, 2))
        random.shuffle(words)
        rows.add((tuple(words), list(forums).index(k)))
    rows = sorted(rows)
    random.shuffle(rows)
    x = nn.utils.rnn.pad_sequence([torch.tensor([ix[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class ForumModel(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.embed = nn.Embedding(*vectors.shape, padding_idx=0)
        # fault:
        self.embed.weight.requires_grad = False
        self.embed.weight = nn.Parameter(vectors.clone())
        # mended:
        # self.embed.weight = nn.Parameter(vectors.clone())
        # self.embed.weight.requires_grad = False
        # end
        self.conv = nn.Conv1d(50, 32, 1)
        self.fc = nn.Linear(32, len(forums))

    def forward(self, x):
        h = torch.relu(self.conv(self.embed(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0)
        return self.fc(h.max(2).values)


model = ForumModel(vectors)
print("embeddings: GloVe 50d (static)")
x, y = posts("train", 800)
x_dev, y_dev = posts("dev", 400)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(12):
    for idx in torch.randperm(len(x)).split(20):
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(x_dev).argmax(1) == y_dev).float().mean()
        moved = (model.embed.weight - vectors).norm(dim=1).max()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy on posts with new words {acc:.4f} largest shift {moved:.3f}")
