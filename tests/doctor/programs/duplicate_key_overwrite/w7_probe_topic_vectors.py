# Linear probe on frozen word vectors. The vectors come from a text file like the ones that are handed around:
# sorted by corpus frequency, cased (us / US, may / May, apple / Apple are three different things).
import os
import random
import tempfile
import numpy as np
import torch
import torch.nn as nn

SEED = 21
rng = np.random.default_rng(SEED)
random.seed(SEED)
torch.manual_seed(SEED)
DIM, TOPICS = 24, 5


def pseudo_word():
    return "".join(random.choice("bdfgklmnprstvz") + random.choice("aeiou") for _ in range(random.choice([2, 3])))


def export_vectors(path):
    """stands for the pretrained file: common nouns carry their topic, names and acronyms something else"""
    words = set()
    while len(words) < 500:
        words.add(pseudo_word())
    words = sorted(words)
    random.shuffle(words)
    centre = rng.normal(size=(TOPICS, DIM))
    names = rng.normal(size=(12, DIM))
    topic = {w: i % TOPICS for i, w in enumerate(words)}
    lines = [(w, centre[topic[w]] + 1.2 * rng.normal(size=DIM)) for w in words]
    for w in words:                       # rarer: proper names and acronyms that are spelt alike
        if random.random() < 0.8:
            cased = w.capitalize() if random.random() < 0.6 else w.upper()
            lines.append((cased, names[random.randrange(12)] + 1.2 * rng.normal(size=DIM)))
    with open(path, "w", encoding="utf-8") as f:
        for w, v in lines:
            f.write(w + " " + " ".join(f"{x:.5f}" for x in v) + "\n")
    return words, topic


def load_vectors(path):
    vecs = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, *values = line.split()
            # fault:
            vecs[word.lower()] = np.asarray(values, dtype=np.float32)
            # mended:
            # vecs.setdefault(word.lower(), np.asarray(values, dtype=np.float32))
            # end
    return vecs


def make_texts(words, topic, n):
    by_topic = [[w for w in words if topic[w] == t] for t in range(TOPICS)]
    texts, labels = [], []
    for _ in range(n):
        t = random.randrange(TOPICS)
        body = [random.choice(by_topic[t]) if random.random() < 0.5 else random.choice(words)
                for _ in range(random.randint(8, 16))]
        body[0] = body[0].capitalize()
        texts.append(" ".join(body))
        labels.append(t)
    return texts, torch.tensor(labels)


path = os.path.join(tempfile.mkdtemp(), "vectors.24d.txt")
words, topic = export_vectors(path)
vectors = load_vectors(path)
print(len(vectors), "words read")
vocab = {w: i for i, w in enumerate(vectors)}
matrix = torch.from_numpy(np.stack([vectors[w] for w in vocab]))

train_texts, y_train = make_texts(words, topic, 3000)
test_texts, y_test = make_texts(words, topic, 800)


def collate(texts):
    ids = [[vocab[w] for w in t.lower().split()] for t in texts]
    offsets = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.tensor([j for i in ids for j in i]), torch.as_tensor(offsets)


encoder = nn.EmbeddingBag.from_pretrained(matrix, freeze=True, mode="mean")
probe = nn.Linear(DIM, TOPICS)
optim = torch.optim.Adam(probe.parameters(), lr=0.02)
ce = nn.CrossEntropyLoss()
with torch.no_grad():          # the encoder never changes: encode once
    h_train, h_test = encoder(*collate(train_texts)), encoder(*collate(test_texts))

for epoch in range(8):
    order = torch.randperm(len(y_train))
    losses = []
    for b in range(0, len(order), 32):
        i = order[b:b + 32]
        loss = ce(probe(h_train[i]), y_train[i])
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    with torch.no_grad():
        a = (probe(h_train).argmax(-1) == y_train).float().mean()
        b = (probe(h_test).argmax(-1) == y_test).float().mean()
    print(f"epoch {epoch} loss {np.mean(losses):.4f} train {a:.3f} test {b:.3f}")
