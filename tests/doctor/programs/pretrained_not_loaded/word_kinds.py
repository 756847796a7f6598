"""What kind of word is it?  Country, capital, adverb, past tense ... from its GloVe vector, for words never seen in training."""
import gzip
import os
import random
from collections import defaultdict
from pathlib import Path

import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
random.seed(2)
torch.manual_seed(2)

WANT = {"capital-world": ("capital", "country"), "gram1-adjective-to-adverb": (None, "adverb"),
        "gram3-comparative": (None, "comparative"), "gram5-present-participle": (None, "participle"), "gram6-nationality-adjective": (None, "nationality"),
        "gram7-past-tense": (None, "past"), "gram8-plural": (None, "plural"), "city-in-state": ("city", "state"), "family": ("family", "family")}

kinds = defaultdict(set)
section = None
for line in (DATA / "wordsim/analogy/questions-words.txt").read_text(encoding="utf-8").splitlines():
    if line.startswith(":"):
        section = WANT.get(line[2:].strip())
    elif section:
        for word, kind in zip(line.lower().split(), section * 2):
            if kind:
                kinds[word].add(kind)

vectors = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.split()
        if word in kinds:
            vectors[word] = torch.tensor([float(v) for v in values])

examples = [(w, next(iter(k))) for w, k in sorted(kinds.items()) if len(k) == 1 and w in vectors]
names = sorted({k for _, k in examples})
random.shuffle(examples)
cut = int(0.7 * len(examples))
print(len(examples), "words,", len(names), "kinds:", ", ".join(names))


class KindOfWord(nn.Module):
    def __init__(self, words, vectors, n_kinds):
        super().__init__()
        self.ids = {w: i for i, w in enumerate(words)}
        self.lookup = nn.Embedding(len(words), 50)
        nn.init.normal_(self.lookup.weight, std=0.4)
        self.load(vectors)
        self.lookup.weight.requires_grad_(False)
        self.net = nn.Sequential(nn.Linear(50, 64), nn.Tanh(), nn.Dropout(0.3), nn.Linear(64, n_kinds))

    def load(self, vectors):
        found = [w for w in self.ids if w in vectors]
        rows = torch.tensor([self.ids[w] for w in found])
        # fault:
        self.lookup.weight.data[rows].copy_(torch.stack([vectors[w] for w in found]))
        # mended:
        # self.lookup.weight.data[rows] = torch.stack([vectors[w] for w in found])
        # end
        print(f"vectors found for {len(found)} of {len(self.ids)} words")

    def forward(self, ids):
        return self.net(self.lookup(ids))


model = KindOfWord([w for w, _ in examples], vectors, len(names))
ids = torch.tensor([model.ids[w] for w, _ in examples])
gold = torch.tensor([names.index(k) for _, k in examples])
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=2e-3, weight_decay=1e-4)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 41):
    model.train()
    order = torch.randperm(cut)
    total = 0.0
    for b in order.split(16):
        loss = loss_fn(model(ids[b]), gold[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    if epoch % 8 == 0:
        model.eval()
        with torch.no_grad():
            pred = model(ids).argmax(1)
        hit = (pred == gold).float()
        print(f"epoch {epoch:2d}  loss {total / cut:.3f}  seen words {hit[:cut].mean():.3f}  unseen words {hit[cut:].mean():.3f}")
