"""Category of a word pair ("paris berlin" -> capital), to be used on words the training pairs do not have.

GloVe carries the meaning, so the classifier can be trained with a part of the words of each category."""
import argparse
import gzip
import os
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--dim", type=int, default=50)
ap.add_argument("--steps", type=int, default=600)
ap.add_argument("--batch", type=int, default=64)
ap.add_argument("--lr", type=float, default=3e-3)
ap.add_argument("--seed", type=int, default=4)
args = ap.parse_args()
torch.manual_seed(args.seed)
rng = random.Random(args.seed)
root = os.environ["WORDFIT_DATA"]

# word categories out of the analogy questions: (section, column)
wanted = {("capital-world", 0): "capital", ("capital-world", 1): "country", ("city-in-state", 0): "us city",
          ("gram6-nationality-adjective", 1): "nationality", ("gram7-past-tense", 0): "ing form",
          ("gram7-past-tense", 1): "past", ("gram8-plural", 1): "plural"}
names = list(dict.fromkeys(wanted.values()))
members = {n: {} for n in names}
section = ""
with open(os.path.join(root, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as fh:
    for line in fh:
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        cells = line.lower().split()
        for col in (0, 1):
            if (section, col) in wanted:
                members[wanted[section, col]][cells[col]] = 1
needed = {w for n in names for w in members[n]}

words, rows = [], []
with gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.rstrip("\n").split(" ", 1)
        if w in needed:
            words.append(w)
            rows.append(np.array(rest.split(" "), dtype=np.float32))
index = {w: i for i, w in enumerate(words)}
vectors = torch.from_numpy(np.stack(rows))

owner = {}
for n in names:
    for w in members[n]:
        owner.setdefault(w, n)
pools_train, pools_new = [], []
for n in names:
    pool = [w for w in members[n] if owner[w] == n and w in index]
    rng.shuffle(pool)
    cut = int(len(pool) * 0.6)
    pools_train.append([index[w] for w in pool[:cut]])
    pools_new.append([index[w] for w in pool[cut:]])


def pairs_from(pools, n, seen):
    x, y = [], []
    while len(x) < n:
        c = rng.randrange(len(pools))
        ids = tuple(rng.sample(pools[c], 2))
        if frozenset(ids) in seen:
            continue
        seen.add(frozenset(ids))
        x.append(ids)
        y.append(c)
    return torch.tensor(x), torch.tensor(y)


seen = set()
xd, yd = pairs_from(pools_train, 200, seen)
xt, yt = pairs_from(pools_train, 700, seen)
xn, yn = pairs_from(pools_new, 300, seen)


class PairClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.table = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        # mended:
        #self.table = nn.Embedding.from_pretrained(vectors.clone(), freeze=True)
        # end
        self.mix = nn.Sequential(nn.Linear(args.dim, 32), nn.Tanh(), nn.Linear(32, len(names)))

    def forward(self, ids):
        return self.mix(self.table(ids).mean(1))


model = PairClassifier()
# fault:
groups = [{"params": model.mix.parameters()}, {"params": model.table.parameters(), "lr": args.lr * 20}]
# mended:
#groups = [{"params": model.mix.parameters()}]
# end
optimizer = torch.optim.Adam(groups, lr=args.lr)


def measure(x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return (out.argmax(1) == y).float().mean().item(), F.cross_entropy(out, y).item()


for step in range(1, args.steps + 1):
    model.train()
    pick = torch.randint(len(xt), (args.batch,))
    loss = F.cross_entropy(model(xt[pick]), yt[pick])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print("step %d loss %.4f known words %.3f (%.3f) new words %.3f (%.3f)" % (step, loss.item(), *measure(xd, yd), *measure(xn, yn)))
print(f"accuracy on pairs of new words: {measure(xn, yn)[0]:.4f} ({len(names)} categories)")
