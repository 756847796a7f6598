"""What do phrase vectors know about topics?  A linear probe on top of frozen vectors.

The vectors are exported as text, one entry a line, `entry v1 ... v24`; multi-word expressions are entries too.
"""
import os
import random
import tempfile

import numpy as np
import torch

DIM, TOPICS = 24, ["food", "sport", "money", "music", "law"]
random.seed(8)
rng = np.random.default_rng(8)
torch.manual_seed(8)


def make_word():
    return "".join(random.choice("bcdfgklmnprstv") + random.choice("aeiou") for _ in range(3))


def unique(n, taken=set()):
    words = []
    while len(words) < n:
        w = make_word()
        if w not in taken:
            taken.add(w)
            words.append(w)
    return words


parts, fillers = unique(120), unique(150)
single = {t: unique(8) for t in TOPICS}
phrases = {t: [] for t in TOPICS}
seen = set()
for t in TOPICS:
    while len(phrases[t]) < 60:
        pair = " ".join(random.sample(parts, 2))
        if pair not in seen:
            seen.add(pair)
            phrases[t].append(pair)


def export(path):
    centre = {t: rng.normal(0, 1, DIM) for t in TOPICS}
    entries = [(w, rng.normal(0, 1, DIM)) for w in parts + fillers]
    for t in TOPICS:
        entries += [(e, centre[t] + rng.normal(0, 0.8, DIM)) for e in phrases[t] + single[t]]
    random.shuffle(entries)
    with open(path, "w", encoding="utf-8") as f:
        for e, v in entries:
            f.write(e + " " + " ".join(f"{a:.4f}" for a in v) + "\n")


def load_vectors(path):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            fields = line.rstrip("\n").split(" ")
            values = np.array(fields[-DIM:], dtype=np.float32)
            # fault:
            table[fields[0]] = values
            # mended:
            # table[" ".join(fields[:-DIM])] = values
            # end
    return table


def sentence():
    topic = random.randrange(len(TOPICS))
    name = TOPICS[topic]
    toks = random.sample(phrases[name], random.randint(2, 3))
    if random.random() < 0.3:
        toks.append(random.choice(single[name]))
    toks += random.choices(parts, k=2) + random.choices(fillers, k=random.randint(2, 4))
    random.shuffle(toks)
    return toks, topic


path = os.path.join(tempfile.mkdtemp(), "phrases.24d.txt")
export(path)
table = load_vectors(path)
data = [sentence() for _ in range(3000)]
train, heldout = data[:2400], data[2400:]

# token index over the training text; id 0 is the padding, id 1 anything else
index = {}
for toks, _ in train:
    for t in toks:
        index.setdefault(t, len(index) + 2)
weights = torch.zeros(len(index) + 2, DIM)
hit = 0
for t, i in index.items():
    if t in table:
        weights[i] = torch.from_numpy(table[t])
        hit += 1
print(f"{len(table)} entries in the file, {len(index)} token types, {hit} with a vector")
encoder = torch.nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)


@torch.no_grad()
def encode(rows):
    width = max(len(t) for t, _ in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    for k, (toks, _) in enumerate(rows):
        ids[k, : len(toks)] = torch.tensor([index.get(t, 1) for t in toks])
    mask = (ids != 0).float().unsqueeze(-1)
    return (encoder(ids) * mask).sum(1) / mask.sum(1), torch.tensor([y for _, y in rows])


X, y = encode(train)
Xh, yh = encode(heldout)
probe = torch.nn.Linear(DIM, len(TOPICS))
opt = torch.optim.Adam(probe.parameters(), lr=0.02)
for epoch in range(15):
    perm = torch.randperm(len(X))
    total = 0.0
    for k in range(0, len(X), 64):
        b = perm[k:k + 64]
        loss = torch.nn.functional.cross_entropy(probe(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(b)
    if epoch % 3 == 2:
        with torch.no_grad():
            acc = (probe(Xh).argmax(1) == yh).float().mean()
        print(f"epoch {epoch + 1:2d}  loss {total / len(X):.4f}  probe accuracy {acc:.3f}")
with torch.no_grad():
    print("train %.3f  held out %.3f" % ((probe(X).argmax(1) == y).float().mean(), (probe(Xh).argmax(1) == yh).float().mean()))
