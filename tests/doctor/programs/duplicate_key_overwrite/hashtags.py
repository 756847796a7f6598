"""Mood of short posts. The vector file comes from a crawl of posts, most frequent first, and has #tags and @names too."""
import random
from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

rng = np.random.default_rng(12)
random.seed(12)
torch.manual_seed(12)
moods = ["glad", "sad", "cross"]
words = [f"{a}{b}{c}" for a in ("tra", "ble", "sno", "mi", "ve") for b in ("ka", "lo", "ri", "nt", "sh", "pu") for c in ("y", "en", "o", "ist", "ed", "al")]
mood_of = {w: random.choice([0, 1, 2, 3, 3]) for w in words}      # 3: says nothing
centre = rng.normal(size=(4, 24))
with open("posts.24d.txt", "w") as f:
    for w in words:
        print(w, *np.round(0.8 * centre[mood_of[w]] + rng.normal(size=24), 4), file=f)
    for w in words:                                                # brand campaigns, bots, user names
        if random.random() < 0.8:
            print(random.choice("#@") + w, *np.round(rng.normal(size=24) * 1.4, 4), file=f)


def load(path):
    table = OrderedDict()
    for line in open(path):
        w, *v = line.split()
        # fault:
        table[w.lstrip("#@")] = np.array(v, dtype="float32")
        # mended:
        # table.setdefault(w.lstrip("#@"), np.array(v, dtype="float32"))
        # end
    return table


vectors = load("posts.24d.txt")
ids = {w: i for i, w in enumerate(vectors)}
M = torch.tensor(np.stack(list(vectors.values())))
seen_in_train = set(random.sample(words, 100))


def post(pool):
    y = random.randrange(3)
    good = [w for w in pool if mood_of[w] == y]
    flat = [w for w in pool if mood_of[w] == 3]
    text = random.choices(good, k=random.randint(1, 3)) + random.choices(flat, k=random.randint(1, 5))
    random.shuffle(text)
    return " ".join(random.choice(["", "", "#"]) + w for w in text), y


train = [post(sorted(seen_in_train)) for _ in range(1200)]
dev = [p for p in (post(words) for _ in range(400)) if p not in train]


class PostReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(M)
        self.gru = nn.GRU(24, 32)
        self.out = nn.Linear(32, 3)

    def forward(self, texts):
        seqs = [self.vec(torch.tensor([ids[t.lstrip("#@")] for t in s.split()])) for s in texts]
        _, h = self.gru(pack_sequence(seqs, enforce_sorted=False))
        return self.out(h[0])


reader = PostReader()
adam = torch.optim.Adam([p for p in reader.parameters() if p.requires_grad], lr=3e-3)
for epoch in range(8):
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 24):
        x, y = zip(*train[i:i + 24])
        loss = nn.functional.cross_entropy(reader(x), torch.tensor(y))
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item() * len(x)
    with torch.no_grad():
        x, y = zip(*dev)
        acc = (reader(x).argmax(1) == torch.tensor(y)).float().mean()
    print(f"epoch {epoch}: loss {total / len(train):.3f}, dev accuracy {acc:.3f}")
