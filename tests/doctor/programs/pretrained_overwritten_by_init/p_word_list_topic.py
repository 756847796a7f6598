"""Which list do these words belong to?  Three words of one kind (currencies, past tenses, superlatives ...) are
given, the kind is asked for.  The words of the test part never occur in training, so all must come from GloVe."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)
DATA = os.environ["WORDFIT_DATA"]

kinds, current = {}, None
with open(f"{DATA}/wordsim/analogy/questions-words.txt", encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            current = line[2:].strip()
            continue
        a, b = line.lower().split()[:2]
        kinds.setdefault(current + ".b", set()).add(b)

stoi, rows = {}, []
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        stoi[w] = len(rows)
        rows.append([float(x) for x in v.split()])
glove = torch.tensor(rows)

use = ["capital-world.b", "gram1-adjective-to-adverb.b", "gram3-comparative.b", 
       "gram6-nationality-adjective.b", "gram7-past-tense.b", "gram8-plural.b"]
train, test = [], []
for k, name in enumerate(use):
    words = sorted(w for w in kinds[name] if w in stoi)
    random.shuffle(words)
    cut = int(len(words) * 0.7)
    for part, pool, n in ((train, words[:cut], 150), (test, words[cut:], 40)):
        part += [([stoi[w] for w in random.sample(pool, 3)], k) for _ in range(n)]
random.shuffle(train)


class ListClassifier(nn.Module):
    def __init__(self, vectors, n_out):
        super().__init__()
        self.lookup = nn.Embedding(*vectors.shape)
        self.hidden = nn.Linear(vectors.size(1), 32)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(32, n_out)
        # fault:
        self.lookup.weight.data.copy_(vectors)
        self.apply(self.reset)
        # mended:
        # self.apply(self.reset)
        # self.lookup.weight.data.copy_(vectors)
        # end
        self.lookup.weight.requires_grad_(False)

    @staticmethod
    def reset(module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.4)

    def forward(self, x):
        return self.out(self.drop(torch.relu(self.hidden(self.lookup(x).mean(1)))))


def tensors(part):
    return torch.tensor([x for x, _ in part]), torch.tensor([y for _, y in part])


xtr, ytr = tensors(train)
xte, yte = tensors(test)
net = ListClassifier(glove, len(use))
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)
ce = nn.CrossEntropyLoss()
for epoch in range(7):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(xtr)).split(32):
        opt.zero_grad()
        loss = ce(net(xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    net.eval()
    with torch.no_grad():
        a = (net(xtr).argmax(1) == ytr).float().mean()
        b = (net(xte).argmax(1) == yte).float().mean()
    print(f"epoch {epoch:2d} loss {total / len(xtr):.3f} train {a:.3f} unseen words {b:.3f}")
