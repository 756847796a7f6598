# Which relation holds between two words?  (Google analogy pairs, GloVe difference vectors)
import gzip
import os
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
random.seed(11)
torch.manual_seed(11)

pairs, section = set(), None
with open(os.path.join(DATA, "wordsim/analogy/questions-words.txt")) as f:
    for line in f:
        if line.startswith(":"):
            section = line[1:].strip()
            section = {"capital-common-countries": "capital", "capital-world": "capital"}.get(section, section)
        else:
            a, b, c, d = line.lower().split()
            pairs.add((a, b, section))
            pairs.add((c, d, section))
pairs = sorted(pairs)

needed = {w for a, b, _ in pairs for w in (a, b)}
words, rows = [], []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        w, *values = line.split()
        if w in needed:
            words.append(w)
            rows.append([float(v) for v in values])
weights = torch.tensor(rows)

pairs = [p for p in pairs if p[0] in set(words) and p[1] in set(words)]
# fault:
vocab = {w: i for i, w in enumerate(sorted(words))}
# mended:
# vocab = {w: i for i, w in enumerate(words)}
# end
classes = sorted({s for _, _, s in pairs})
print(len(pairs), "pairs", len(classes), "relations", tuple(weights.shape))

random.shuffle(pairs)
cut = int(0.7 * len(pairs))


def encode(part):
    return (torch.tensor([[vocab[a], vocab[b]] for a, b, _ in part]),
            torch.tensor([classes.index(s) for _, _, s in part]))


xtr, ytr = encode(pairs[:cut])
xde, yde = encode(pairs[cut:])


class Relation(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True)
        self.drop = nn.Dropout(0.3)
        self.l1 = nn.Linear(150, 64)
        self.l2 = nn.Linear(64, len(classes))

    def forward(self, x):
        a, b = self.emb(x).unbind(1)
        z = torch.cat([b - a, a, b], 1)
        return self.l2(torch.tanh(self.l1(self.drop(z))))


model = Relation()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3, weight_decay=1e-2)


def evaluate():
    model.eval()
    with torch.no_grad():
        out = model(xde)
    return F.cross_entropy(out, yde).item(), (out.argmax(-1) == yde).float().mean().item()


for epoch in range(40):
    model.train()
    for idx in torch.randperm(len(xtr)).split(32):
        loss = F.cross_entropy(model(xtr[idx]), ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if (epoch + 1) % 10 == 0:
        print("epoch %d  dev loss %.3f  dev acc %.3f" % (epoch + 1, *evaluate()))
most = torch.bincount(yde).max().item() / len(yde)
print("majority %.3f" % most)
