"""
Kim-CNN on the Financial PhraseBank: does the sentence carry an opinion, or is it neutral (six in ten)?

The frequent words keep their GloVe rows, only the words GloVe has no row for (company names, Finnish
places, our <num> and <oov> marks) get learned rows: two tables, one a buffer and one a Parameter, glued per step.
"""
import collections
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
LABELS = {"negative": 1, "neutral": 0, "positive": 1}
rng = np.random.default_rng(42)
torch.manual_seed(42)


def tokens(s):
    return ["<num>" if re.fullmatch(r"[\d.,]+", w) else w for w in re.findall(r"[\d.,]*\d|[a-z]+|%|'s", s.lower())][:26]


seen, rows = set(), []
for line in (DATA / "sentiment/financial-phrasebank/Sentences_50Agree.txt").read_text(encoding="utf-8").splitlines():
    text, label = line.strip().rsplit("@", 1)
    if text not in seen:
        seen.add(text)
        rows.append((tokens(text), LABELS[label]))
rows = [rows[i] for i in rng.permutation(len(rows))]
train, valid = rows[:3900], rows[3900:]

freq = collections.Counter(w for t, _ in train for w in t)
glove = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, numbers = line.split(" ", 1)
        if word in freq:
            glove[word] = np.array(numbers.split(), dtype=np.float32)
own = ["<oov>"] + [w for w, n in freq.most_common() if w not in glove and n >= 5]
lookup = {"<pad>": 0}
for w in own + list(glove):
    lookup[w] = len(lookup)
print(f"{len(own)} learned rows, {len(glove)} fixed rows")


class TextCNN(nn.Module):
    def __init__(self, fixed, n_own, n_classes, maps=24, widths=(1, 2, 3)):
        super().__init__()
        dim = fixed.shape[1]
        self.register_buffer("pad", torch.zeros(1, dim))
        self.register_buffer("fixed", fixed)
        self.own = nn.Parameter(torch.randn(n_own, dim) * fixed.std())     # same spread as the GloVe rows
        self.convs = nn.ModuleList(nn.Conv1d(dim, maps, w, padding=w - 1) for w in widths)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(maps * len(widths), n_classes)

    def forward(self, ids):
        table = torch.cat([self.pad, self.own, self.fixed])
        x = F.embedding(ids, table).transpose(1, 2)
        feats = [F.relu(c(x)).amax(-1) for c in self.convs]
        return self.out(self.drop(torch.cat(feats, 1)))


def tensorise(part):
    n = max(len(t) for t, _ in part)
    x = np.zeros((len(part), n), dtype=np.int64)
    for i, (t, _) in enumerate(part):
        x[i, :len(t)] = [lookup.get(w, lookup["<oov>"]) for w in t]
    return torch.from_numpy(x), torch.tensor([y for _, y in part])


Xtr, ytr = tensorise(train)
Xva, yva = tensorise(valid)
model = TextCNN(torch.from_numpy(np.stack(list(glove.values()))), len(own), 2)
EPOCHS = 4
opt = torch.optim.Adam(model.parameters(), lr=4e-3, weight_decay=1e-4)


def report(X, y):
    model.eval()
    with torch.no_grad():
        p = model(X).argmax(1)
    f1 = [2 * ((p == c) & (y == c)).sum().item() / max(1, ((p == c).sum() + (y == c).sum()).item()) for c in range(2)]
    return (p == y).float().mean().item(), float(np.mean(f1))


sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 1 - e / EPOCHS)
for epoch in range(EPOCHS):
    model.train()
    run = 0.0
    for b in torch.randperm(len(ytr)).split(50):
        loss = F.cross_entropy(model(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b)
    sched.step()
    (a, f), (va, vf) = report(Xtr[:1000], ytr[:1000]), report(Xva, yva)
    print(f"epoch {epoch + 1}  loss {run / len(ytr):.3f}  train acc {a:.3f} f1 {f:.3f}  valid acc {va:.3f} f1 {vf:.3f}")
print(f"always neutral: acc {(yva == 0).float().mean():.3f}")
