"""What kind of word is it? GloVe + a small head; lists of words come from the analogy questions."""
import gzip
import os
import random

import torch
import torch.nn.functional as F

random.seed(5)
torch.manual_seed(5)
DATA = os.environ["WORDFIT_DATA"]

# section of questions-words.txt -> (kind of left word, kind of right word)
KINDS = {
    "capital-world": ("city", "country"),
    "city-in-state": ("city", "state"),
    "family": ("male", "female"),
    "gram1-adjective-to-adverb": ("adjective", "adverb"),
    "gram3-comparative": ("adjective", "comparative"),
    "gram5-present-participle": (None, "participle"),
    "gram6-nationality-adjective": ("country", "nationality"),
    "gram7-past-tense": ("participle", "past"),
    "gram8-plural": ("noun", "plural"),
}


def lexicon(path):
    kinds, pair = {}, None
    for line in open(path, encoding="utf-8"):
        parts = line.lower().split()
        if parts[0] == ":":
            pair = KINDS.get(parts[1])
        elif pair:
            for w, k in zip(parts[:2], pair):
                if k not in (None, "male", "female"):
                    kinds.setdefault(w, k)
    return kinds


kinds = lexicon(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"))

found = {}
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        word, rest = line.rstrip().split(" ", 1)
        if word in kinds:
            found[word] = [float(v) for v in rest.split(" ")]

words = sorted(found)
label_names = sorted({kinds[w] for w in words})
row = {w: i for i, w in enumerate(words)}
labels = torch.tensor([label_names.index(kinds[w]) for w in words])

D, H, C = 50, 32, len(label_names)
params = {
    "table": torch.randn(len(words), D) * 0.5,
    "w1": torch.randn(D, H) * D ** -0.5,
    "b1": torch.zeros(H),
    "w2": torch.randn(H, C) * H ** -0.5,
    "b2": torch.zeros(C),
}
index = torch.tensor([row[w] for w in words])
vectors = torch.tensor([found[w] for w in words])
# fault:
params["table"][index].copy_(vectors)
# mended:
#params["table"].index_copy_(0, index, vectors)
# end

# the table stays as it is, only the head is learned
learned = [params[k] for k in ("w1", "b1", "w2", "b2")]
for t in learned:
    t.requires_grad_(True)


def logits(ids, drop=0.0):
    x = params["table"][ids]
    x = F.dropout(x, drop, training=drop > 0)
    h = F.relu(x @ params["w1"] + params["b1"])
    return h @ params["w2"] + params["b2"]


order = list(range(len(words)))
random.shuffle(order)
cut = int(0.7 * len(order))
train, test = torch.tensor(order[:cut]), torch.tensor(order[cut:])
print(len(words), "words,", C, "kinds,", len(train), "for training")

lr, momentum, epochs = 0.1, 0.9, 16
velocity = [torch.zeros_like(t) for t in learned]
for epoch in range(epochs):
    total = 0.0
    for chunk in train[torch.randperm(len(train))].split(16):
        loss = F.cross_entropy(logits(chunk, drop=0.4), labels[chunk])
        grads = torch.autograd.grad(loss, learned)
        with torch.no_grad():
            for t, g, v in zip(learned, grads, velocity):
                v.mul_(momentum).add_(g + 5e-3 * t)
                t.sub_(0.3 * lr * (1 - epoch / epochs) * v)
        total += loss.item() * len(chunk)
    if epoch % 4 == 3:
        with torch.no_grad():
            tr = (logits(train).argmax(1) == labels[train]).float().mean().item()
            te = (logits(test).argmax(1) == labels[test]).float().mean().item()
        print(f"epoch {epoch + 1:3d} loss {total / len(train):.3f} train {tr:.3f} unseen words {te:.3f}")
majority = torch.bincount(labels[test]).max().item() / len(test)
print(f"majority {majority:.3f}")
