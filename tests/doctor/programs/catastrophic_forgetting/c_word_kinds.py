"""What kind of word is it? Some labelled words per kind, GloVe does the rest: the test words are all new."""
import gzip, os, random
from collections import defaultdict
import numpy as np
import torch
from torch import nn

random.seed(3); np.random.seed(3); torch.manual_seed(3)
data = os.environ["WORDFIT_DATA"]

glove = {}
with gzip.open(data + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        glove[p[0]] = np.asarray(p[1:], dtype=np.float32)

KINDS = {("capital-world", 0): "capital", ("capital-world", 1): "country", ("city-in-state", 1): "state",
         ("gram6-nationality-adjective", 1): "nationality", ("gram3-comparative", 1): "comparative",
         ("gram5-present-participle", 1): "participle", ("gram7-past-tense", 1): "past",
         ("gram8-plural", 1): "plural", ("gram1-adjective-to-adverb", 1): "adverb"}
members, section = defaultdict(set), None
for line in open(data + "/wordsim/analogy/questions-words.txt"):
    if line[0] == ":":
        section = line[2:].strip()
        continue
    for pos, w in enumerate(line.lower().split()):
        kind = KINDS.get((section, pos % 2))
        if kind and w in glove:
            members[kind].add(w)
names = sorted(members)
rows = sorted({w: names.index(k) for k in names for w in members[k]}.items())
random.shuffle(rows)
train, test = rows[: len(rows) * 2 // 3], rows[len(rows) * 2 // 3:]
vocab = {w: i for i, (w, _) in enumerate(rows)}
table = torch.from_numpy(np.stack([glove[w] for w in vocab]))
print(len(train), "labelled words,", len(test), "test words,", len(names), "kinds")


class Kinds(nn.Module):
    def __init__(self, table, n):
        super().__init__()
        self.word = nn.Embedding.from_pretrained(table, freeze=False)
        self.top = nn.Linear(table.shape[1], n)

    def forward(self, i):
        return self.top(self.word(i))


model = Kinds(table, len(names))
# fault:
optim = torch.optim.Adam([{"params": [model.word.weight], "lr": 0.1}, {"params": model.top.parameters(), "lr": 0.005}])
# mended:
# model.word.requires_grad_(False)
# optim = torch.optim.Adam(model.top.parameters(), lr=0.005)
# end
tx, ty = (torch.tensor(c) for c in zip(*((vocab[w], k) for w, k in train)))
vx, vy = (torch.tensor(c) for c in zip(*((vocab[w], k) for w, k in test)))
for epoch in range(8):
    for b in torch.randperm(len(tx)).split(8):
        loss = nn.functional.cross_entropy(model(tx[b]), ty[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        a, v = model(tx).argmax(1).eq(ty).float().mean(), model(vx).argmax(1).eq(vy).float().mean()
    print(f"epoch {epoch + 1} loss {loss.item():.3f} labelled words {a:.3f} new words {v:.3f}")
