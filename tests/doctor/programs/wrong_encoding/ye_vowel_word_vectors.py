# Opinion mining for a language rich in diacritics. Word vectors come from a text file (here written by the script itself,
# as our vectors are not public), most words of the held-out texts were never in the training texts.
import os, tempfile
import numpy as np
import torch
import torch.nn.functional as F

rs = np.random.RandomState(8)
torch.manual_seed(8)
ONSET = list("bcdfghjklmnprstvz") + ["š", "č", "ř", "ž"]
NUCLEUS = ["a", "e", "i", "o", "u", "á", "é", "í", "ó", "ů", "ě", "ý"]


def new_word():
    return "".join(rs.choice(ONSET) + rs.choice(NUCLEUS) for _ in range(rs.randint(2, 4)))


WORDS = sorted({new_word() for _ in range(3200)})
rs.shuffle(WORDS)
good, bad, other = WORDS[:500], WORDS[500:1000], WORDS[1000:]
DIM = 20
centre = rs.randn(DIM)


def write_vectors(path):
    with open(path, "w", encoding="utf-8") as out:
        for w in WORDS:
            v = rs.randn(DIM) * 0.8
            if w in good_set: v = v + 0.7 * centre
            if w in bad_set: v = v - 0.7 * centre
            out.write(w + " " + " ".join("%.4f" % x for x in v) + "\n")


good_set, bad_set = set(good), set(bad)
folder = tempfile.mkdtemp()
path = os.path.join(folder, "vectors.txt")
write_vectors(path)

vectors = {}
# fault:
with open(path, encoding="cp1250", errors="replace") as f:
# mended:
# with open(path, encoding="utf-8") as f:
# end
    for line in f:
        parts = line.rstrip("\n").split(" ")
        if len(parts) == DIM + 1:
            vectors[parts[0]] = np.array(parts[1:], dtype=np.float32)
os.remove(path); os.rmdir(folder)


def review(lexicon):
    g, b, o = lexicon
    y = rs.randint(2)
    n = rs.randint(6, 15)
    mood = [rs.choice(g if (rs.rand() < (0.8 if y else 0.2)) else b) for _ in range(max(2, n // 3))]
    text = mood + list(rs.choice(o, n - len(mood)))
    rs.shuffle(text)
    return " ".join(text), y


train = [review((good[:300], bad[:300], other[:1200])) for _ in range(1800)]
test = [review((good[200:], bad[200:], other[600:])) for _ in range(500)]

vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train + test:                    # fixed vectors: every word of the texts may have a row
    for w in t.split():
        if w in vectors:
            vocab.setdefault(w, len(vocab))
table = np.zeros((len(vocab), DIM), dtype=np.float32)
for w, i in vocab.items():
    if i > 1:
        table[i] = vectors[w]
table = torch.from_numpy(table)
print("words with a vector:", len(vocab) - 2)


def batch(rows):
    ids = [[vocab.get(w, 1) for w in t.split()] for t, _ in rows]
    m = max(map(len, ids))
    return torch.tensor([i + [0] * (m - len(i)) for i in ids]), torch.tensor([float(y) for _, y in rows])


def model(p, ids):
    mask = (ids > 0).float()[..., None]
    x = (table[ids] * mask).sum(1) / mask.sum(1)
    return torch.tanh(x @ p[0] + p[1]) @ p[2] + p[3]


p = [torch.randn(DIM, 16) * 0.3, torch.zeros(16), torch.randn(16) * 0.3, torch.zeros(1)]
for t in p:
    t.requires_grad_(True)
opt = torch.optim.RMSprop(p, lr=5e-3)
for epoch in range(6):
    order = rs.permutation(len(train))
    total = 0
    for s in range(0, len(order), 40):
        ids, y = batch([train[i] for i in order[s:s + 40]])
        loss = F.binary_cross_entropy_with_logits(model(p, ids), y)
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        acc = [((model(p, a) > 0).float() == b).float().mean().item() for a, b in (batch(train), batch(test))]
    print("epoch", epoch, "loss %.4f  train acc %.3f  test acc %.3f" % (total / len(train), *acc))
