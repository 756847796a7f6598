"""Federated search: which of four indexes does a snippet belong to? (wire news, encyclopedia, film reviews, general prose)
Google News vectors, fixed, averaged; one linear layer so that it runs in the front end."""
import gzip, os, re
from itertools import islice
import numpy as np
import torch

torch.manual_seed(0)
rnd = np.random.default_rng(0)
ROOT = os.environ["WORDFIT_DATA"]
SOURCES = ["reuters-21578-bodies", "enwiki-2018-sample", "imdb-unsup-25k", "brown"]
PER, WIDTH = 1000, 20


def paragraphs(f, wrapped):
    """the wire stories are wrapped at 70 characters, everything else is a paragraph a line"""
    if not wrapped:
        yield from f
        return
    story = []
    for line in f:
        if line.strip():
            story.append(line.strip())
        elif story:
            yield " ".join(story)
            story = []


def snippets(name):
    out = []
    with gzip.open(f"{ROOT}/corpora/{name}.txt.gz", "rt", encoding="utf-8") as f:
        for line in paragraphs(f, name.startswith("reuters")):
            w = re.findall(r"[a-z]+", line.lower().replace("<br />", " "))
            if len(w) < WIDTH:
                continue
            at = int(rnd.integers(0, len(w) - WIDTH + 1))
            out.append(w[at:at + WIDTH])  # one snippet a paragraph
            if len(out) == PER:
                return out


texts, where = [], []
for k, name in enumerate(SOURCES):
    texts += snippets(name)
    where += [k] * PER

words = {}
for t in texts:
    for w in t:
        words.setdefault(w, len(words))

table = torch.nn.EmbeddingBag(len(words), 300, mode="mean")
# fault:
# mended:
# torch.nn.init.normal_(table.weight, std=0.14)
# end
found = 0
with gzip.open(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)  # counts
    for line in islice(f, 9000):
        w, rest = line.rstrip("\n").split(" ", 1)
        if w in words:
            table.weight.data[words[w]] = torch.from_numpy(np.array(rest.split(), dtype=np.float32))
            found += 1
table.weight.requires_grad_(False)
print(f"{found} of {len(words)} words have a vector")

X = torch.tensor([[words[w] for w in t] for t in texts])
y = torch.tensor(where)
perm = torch.randperm(len(X))
test, train = perm[:800], perm[800:]

out = torch.nn.Linear(300, len(SOURCES))
opt = torch.optim.Adam(out.parameters(), lr=0.02)
loss_fn = torch.nn.CrossEntropyLoss()


def accuracy(rows):
    with torch.no_grad():
        return (out(table(X[rows])).argmax(1) == y[rows]).float().mean().item()


for epoch in range(8):
    total = 0.0
    for b in train[torch.randperm(len(train))].split(64):
        loss = loss_fn(out(table(X[b])), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    print(f"{epoch}: loss {total / len(train):.3f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
