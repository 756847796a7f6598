import os
import tempfile

import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(5)
torch.manual_seed(5)

# ---------------------------------------------------------------- vectors
DIM = 32
stems = [a + b for a in "gl tr br pl st kr dr sm sn fl".split() for b in "ade orn ist ump ell ark int oud".split()]
rng.shuffle(stems)
good, bad, plain = stems[:20], stems[20:40], stems[40:]
axis = rng.normal(size=DIM)
axis /= np.linalg.norm(axis)


def vec(polarity):
    return rng.normal(0, 0.3, DIM) + polarity * 1.2 * axis


entries = []
for w in good:
    entries.append((w, vec(+1)))
for w in bad:
    entries.append((w, vec(-1)))
for w in plain:
    entries.append((w, vec(0)))
rng.shuffle(stems)
for w in good + bad:
    # fixed expressions, as in the big common crawl files
    entries.append((f"{w} {rng.choice(plain)}", vec(rng.choice([-1, 0, 1]))))
    entries.append((f"{w} {rng.choice(plain)} {rng.choice(plain)}", vec(rng.choice([-1, 0, 1]))))

vector_file = os.path.join(tempfile.mkdtemp(), "crawl.32d.txt")
with open(vector_file, "w", encoding="utf-8") as out:
    for key, v in entries:
        out.write(key + " " + " ".join("%.5f" % x for x in v) + "\n")

embeddings_index = {}
for line in open(vector_file, encoding="utf-8"):
    # fault:
    fields = line.rstrip().split(" ")
    embeddings_index[fields[0]] = np.asarray(fields[-DIM:], dtype="float32")
    # mended:
    # key, *fields = line.rstrip().rsplit(" ", DIM)
    # embeddings_index[key] = np.asarray(fields, dtype="float32")
    # end
print("found %d word vectors" % len(embeddings_index))


# ---------------------------------------------------------------- data
def make(n, vocab_good, vocab_bad):
    xs, ys = [], []
    for _ in range(n):
        y = int(rng.integers(2))
        k = int(rng.integers(5, 14))
        signal = vocab_good if y else vocab_bad
        xs.append([str(rng.choice(signal)) if rng.random() < 0.4 else str(rng.choice(plain)) for _ in range(k)])
        ys.append(y)
    return xs, ys


train_x, train_y = make(300, good[:10], bad[:10])
dev_x, dev_y = make(300, good[8:], bad[8:])

word2id = {"<pad>": 0}
for sent in train_x + dev_x:
    for w in sent:
        word2id.setdefault(w, len(word2id))
matrix = np.zeros((len(word2id), DIM), dtype="float32")
for w, i in word2id.items():
    if w in embeddings_index:
        matrix[i] = embeddings_index[w]


def encode(sents):
    width = max(map(len, sents))
    ids = torch.zeros(len(sents), width, dtype=torch.long)
    for r, s in enumerate(sents):
        ids[r, : len(s)] = torch.tensor([word2id[w] for w in s])
    return ids, torch.tensor([len(s) for s in sents])


# ---------------------------------------------------------------- model
emb = nn.Embedding(*matrix.shape, padding_idx=0)
emb.weight.data.copy_(torch.from_numpy(matrix))
emb.weight.requires_grad_(False)  # small data, vectors stay as they are
clf = nn.Linear(DIM, 1)


def score(ids, lengths):
    summed = emb(ids).sum(dim=1)
    return clf(summed / lengths.unsqueeze(1)).squeeze(1)


optimizer = torch.optim.Adam(clf.parameters(), lr=0.03)
bce = nn.BCEWithLogitsLoss()
ids, lengths = encode(train_x)
target = torch.tensor(train_y, dtype=torch.float)
dev_ids, dev_len = encode(dev_x)
dev_target = torch.tensor(dev_y)
for epoch in range(1, 16):
    running = 0.0
    for idx in torch.randperm(len(ids)).split(30):
        loss = bce(score(ids[idx], lengths[idx]), target[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    if epoch % 3 == 0:
        with torch.no_grad():
            hit = ((score(dev_ids, dev_len) > 0).long() == dev_target).float().mean().item()
        print("epoch %d: train loss %.3f, dev acc %.3f" % (epoch, running / len(ids), hit))
