#!/usr/bin/env python3
# Tutorial part 3: what kind of word is it?  GloVe vectors + softmax, tested on words never seen in training.
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

random.seed(5); np.random.seed(5); torch.manual_seed(5)
root = os.environ["WORDFIT_DATA"]

glove = {}
with gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.rstrip().split(" ")
        glove[w] = v

# the analogy test set gives us word lists for free
wanted = {"capital-world": [(0, "city"), (1, "country")], "capital-common-countries": [(0, "city"), (1, "country")],
          "city-in-state": [(0, "city"), (1, "city")], "currency": [(0, "country")], "gram6-nationality-adjective": [(1, "nationality")],
          "gram5-present-participle": [(0, "verb"), (1, "verb")], "gram7-past-tense": [(0, "verb"), (1, "verb")],
          "gram8-plural": [(1, "plural")], "gram1-adjective-to-adverb": [(1, "adverb")],
          "gram9-plural-verbs": [(0, "verb"), (1, "verb")]}
found = {}
section = None
for line in open(os.path.join(root, "wordsim", "analogy", "questions-words.txt")):
    parts = line.lower().split()
    if parts[0] == ":":
        section = parts[1]
        continue
    for pos, kind in wanted.get(section, []):
        for p in (pos, pos + 2):
            if parts[p] in glove:
                found.setdefault(parts[p], kind)
kinds = sorted(set(found.values()))
words = sorted(found)
random.shuffle(words)
# all other words of the same file are there too, as in a real vocabulary
vocab = words + [w for w in glove if w not in found][:2000]
stoi = {w: i for i, w in enumerate(vocab)}
weights = torch.tensor(np.array([glove[w] for w in vocab], dtype="float32"))
n_test = len(words) // 4
test_words, train_words = words[:n_test], words[n_test:]
print(len(train_words), "training words,", n_test, "test words,", len(kinds), "kinds")


class WordKind(nn.Module):
    def __init__(self, vocab_size, dim, n_kinds):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, dim)
        self.word_embeddings.weight.requires_grad = False
        self.drop = nn.Dropout(0.4)
        self.linear = nn.Linear(dim, n_kinds)

    def forward(self, ids):
        return self.linear(self.drop(self.word_embeddings(ids)))


net = WordKind(len(vocab), weights.size(1), len(kinds))
# fault:
net.load_state_dict({"embeddings.weight": weights}, strict=False)
# mended:
# net.load_state_dict({"word_embeddings.weight": weights}, strict=False)
# end


def tensors(ws):
    return torch.tensor([stoi[w] for w in ws]), torch.tensor([kinds.index(found[w]) for w in ws])


x, y = tensors(train_words)
xt, yt = tensors(test_words)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.linear.parameters(), lr=0.01, weight_decay=3e-3)
for epoch in range(15):
    net.train()
    for b in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        loss = loss_fn(net(x[b]), y[b])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            tr = (net(x).argmax(1) == y).float().mean()
            te = (net(xt).argmax(1) == yt).float().mean()
        print(f"{epoch + 1:3d} loss {loss.item():.3f} train {tr:.3f} test {te:.3f}")
