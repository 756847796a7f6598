"""Two-stage experiment: (1) count-based vectors (PPMI + SVD) from a raw forum dump, written in word2vec text format,
(2) few-shot topic classification of posts on top of the fixed vectors."""
import random
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

TOPICS = ["bikes", "bread", "chess", "coding", "gardens", "trains"]
PER_TOPIC, DIM, VEC_FILE = 45, 16, Path("forum.vec")
rng = random.Random(8)
torch.manual_seed(8)

LEX = {t: [f"{t[:3]}{a}{b}" for a in "aeiou" for b in "lmnprstvz"][:PER_TOPIC] for t in TOPICS}
GLUE = [f"{a}{b}" for a in "bdghk" for b in ("an", "eth", "or", "uz", "i")]


def post(topic, length):
    words = []
    for _ in range(length):
        u = rng.random()
        pool = GLUE if u < 0.45 else LEX[topic] if u < 0.80 else LEX[rng.choice(TOPICS)]
        words.append(rng.choice(pool))
    return words


def raw_dump(n):
    """Posts are typed without capitals; now and then somebody shouts a line of spam."""
    for _ in range(n):
        yield post(rng.choice(TOPICS), 14)
        if rng.random() < 0.25:
            yield [rng.choice(LEX[rng.choice(TOPICS)]).upper() for _ in range(8)]


def count_vectors(lines, window=4, min_count=3):
    freq = Counter(w for l in lines for w in l)
    vocab = [w for w, n in freq.most_common() if n >= min_count]
    idx = {w: i for i, w in enumerate(vocab)}
    co = np.zeros((len(vocab), len(vocab)))
    for line in lines:
        ids = [idx[w] for w in line if w in idx]
        for d in range(1, window + 1):
            np.add.at(co, (ids[:-d], ids[d:]), 1)
    co = co + co.T
    total, row = co.sum(), co.sum(1, keepdims=True) + 1e-9
    context = row ** 0.75 / (row ** 0.75).sum() * total
    ppmi = np.log(np.maximum(co * total / (row @ context.T), 1.0))
    u, s, _ = np.linalg.svd(ppmi, full_matrices=False)
    vec = u[:, :DIM] * np.sqrt(s[:DIM])
    return vocab, vec / vec.std()


def save(path, vocab, vec):
    with path.open("w", encoding="utf8") as f:
        f.write(f"{len(vocab)} {vec.shape[1]}\n")
        for w, v in zip(vocab, vec):
            f.write(w + " " + " ".join(f"{x:.5f}" for x in v) + "\n")


def load(path):
    table = {}
    with path.open(encoding="utf8") as f:
        n, dim = map(int, f.readline().split())
        for line in f:
            word, *values = line.split()
            # fault:
            table[word.lower()] = np.array(values, dtype=np.float32)
            # mended:
            #table.setdefault(word.lower(), np.array(values, dtype=np.float32))
            # end
    return table


class BagClassifier(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=True)
        self.out = nn.Sequential(nn.Linear(weights.size(1), 32), nn.Tanh(), nn.Linear(32, n_out))

    def forward(self, flat, offsets):
        return self.out(self.bag(flat, offsets))


def collate(rows, idx):
    ids = [[idx[w] for w in words if w in idx] for words, _ in rows]
    offsets = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.tensor(sum(ids, [])), torch.tensor(offsets), torch.tensor([y for _, y in rows])


save(VEC_FILE, *count_vectors(list(raw_dump(5000))))
table = load(VEC_FILE)
idx = {w: i for i, w in enumerate(table)}
print(f"{len(table)} word forms")

posts = {}
while len(posts) < 900:
    y = rng.randrange(len(TOPICS))
    posts[tuple(post(TOPICS[y], 12))] = y
rows = list(posts.items())
few, test = rows[:240], rows[240:]
model = BagClassifier(torch.from_numpy(np.stack(list(table.values()))), len(TOPICS))
opt = torch.optim.Adam(model.out.parameters(), lr=5e-3, weight_decay=1e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(1, 25):
    model.train()
    rng.shuffle(few)
    total = 0.0
    for i in range(0, len(few), 20):
        flat, off, y = collate(few[i:i + 20], idx)
        opt.zero_grad()
        loss = lossf(model(flat, off), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y) / len(few)
    if epoch % 4 == 0:
        model.eval()
        with torch.no_grad():
            flat, off, y = collate(test, idx)
            out = model(flat, off)
        print(f"epoch {epoch:2d} train {total:.3f} test {lossf(out, y):.3f} topic accuracy {(out.argmax(1) == y).float().mean():.3f}")
