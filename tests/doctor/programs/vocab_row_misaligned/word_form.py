"""What form is this word? (plural / gerund / past / comparative / nationality / city / country ...) - probing static GloVe with a linear probe.
Words come from the analogy questions; a word is in the training or in the test part, never in both."""
import gzip
import os
import random
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(0)
random.seed(0)
DATA = os.environ["WORDFIT_DATA"]
# section -> form of the first and of the second word of each pair
FORMS = {"capital-common-countries": (6, 7), "capital-world": (6, 7), "city-in-state": (6, 6), "gram3-comparative": (0, 1), "gram5-present-participle": (0, 2),
         "gram6-nationality-adjective": (7, 3), "gram7-past-tense": (2, 4), "gram8-plural": (0, 5)}
words, labels = [], []
form = None
seen = set()
for line in open(os.path.join(DATA, "wordsim/analogy/questions-words.txt")):
    if line.startswith(":"):
        form = FORMS.get(line[2:].strip())
        continue
    if form:
        parts = line.lower().split()
        for w, y in zip(parts, form):
            if w not in seen:
                seen.add(w)
                words.append(w)
                labels.append(y)

itos, rows = [], []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        itos.append(w)
        rows.append(np.array(v, dtype=np.float32))
# fault:
itos = ["<unk>"] + itos
# mended:
# itos = itos + ["<unk>"]
# end
rows.append(np.zeros(50, dtype=np.float32))
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.from_numpy(np.stack(rows))

data = [(stoi[w], y) for w, y in zip(words, labels) if w in stoi]
random.shuffle(data)
cut = int(0.8 * len(data))
xtr, ytr = (torch.tensor(c) for c in zip(*data[:cut]))
xte, yte = (torch.tensor(c) for c in zip(*data[cut:]))
print(len(xtr), "training words,", len(xte), "test words")

probe = nn.Sequential(nn.Embedding.from_pretrained(weights), nn.Dropout(0.3), nn.Linear(50, 8))
opt = torch.optim.SGD(probe[2].parameters(), lr=0.05, momentum=0.9, weight_decay=1e-2)
crit = nn.CrossEntropyLoss()
for epoch in range(60):
    probe.train()
    for b in torch.randperm(len(xtr)).split(16):
        opt.zero_grad()
        loss = crit(probe(xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        probe.eval()
        with torch.no_grad():
            acc = (probe(xte).argmax(1) == yte).float().mean()
            tra = (probe(xtr).argmax(1) == ytr).float().mean()
        print("epoch %3d  train %.3f  test %.3f  (majority %.3f)" % (epoch + 1, tra, acc, torch.bincount(yte).max() / len(yte)))
