"""Contract review: sort clauses into liability, payment, confidentiality and termination.
GloVe vectors are left as they are (small set), label smoothing because annotators disagree."""
import gzip
import os
import random
import re

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
DATA = os.environ["WORDFIT_DATA"]

KINDS = ["liability", "payment", "confidentiality", "termination"]
NOUNS = {
    "liability": "damage loss injury negligence fault accident claim harm defect insurance".split(),
    "payment": "invoice fee price amount tax interest deposit currency bank installment".split(),
    "confidentiality": "secret information data disclosure document records privacy knowledge files technology".split(),
    "termination": "notice expiry end breach cancellation withdrawal period renewal resignation closing".split(),
}
SUBJECTS = ["the supplier", "the buyer", "each party", "the agent", "the company", "the customer"]
VERBS = ["shall be responsible for", "shall deal with", "may not ignore", "accepts the rules on", "must report"]
TAILS = ["under this agreement", "within thirty days", "in writing", "without delay", "as agreed in section four",
         "according to the law of the state", "unless both sides agree"]


def clause(kind):
    a, b = random.sample(NOUNS[kind], 2)
    if random.random() < 0.2:
        b = random.choice(NOUNS[random.choice(KINDS)])
    s = f"{random.choice(SUBJECTS)} {random.choice(VERBS)} any {a} or {b} {random.choice(TAILS)}"
    if random.random() < 0.4:
        s += f", and {random.choice(SUBJECTS)} {random.choice(VERBS)} it {random.choice(TAILS)}"
    return s.capitalize() + "."


def tokens(s):
    return re.findall(r"[a-z]+|[.,]", s.lower())


corpus = {}
while len(corpus) < 1600:
    k = random.randrange(4)
    corpus.setdefault(clause(KINDS[k]), k)
corpus = list(corpus.items())
random.shuffle(corpus)

needed = {w for s, _ in corpus for w in tokens(s)}
vocab, rows = {"<pad>": 0}, [torch.zeros(50)]
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        word, _, numbers = line.partition(" ")
        if word in needed:
            vocab[word] = len(rows)
            rows.append(torch.tensor([float(x) for x in numbers.split()]))
missing = sorted(needed - set(vocab))
print("no vector for:", missing)
vectors = torch.stack(rows)


def to_batch(items):
    ids = [[vocab[w] for w in tokens(s) if w in vocab] for s, _ in items]
    out = torch.zeros(len(ids), max(map(len, ids)), dtype=torch.long)
    for i, r in enumerate(ids):
        out[i, :len(r)] = torch.tensor(r)
    return out, torch.tensor([k for _, k in items])


class ClauseSorter(nn.Module):
    def __init__(self, vectors, classes):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.project = nn.Linear(50, 32)
        self.decide = nn.Linear(32, classes)
        self.drop = nn.Dropout(0.3)

    def forward(self, ids):
        h = torch.relu(self.project(self.lookup(ids)))
        h = h.masked_fill((ids == 0).unsqueeze(-1), float("-inf")).amax(1)
        return self.decide(self.drop(h))


train, test = corpus[:1200], corpus[1200:]
model = ClauseSorter(vectors, len(KINDS))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-3)
objective = nn.CrossEntropyLoss(label_smoothing=0.1)


def evaluate(items):
    model.eval()
    with torch.no_grad():
        ids, y = to_batch(items)
        out = model(ids)
        return objective(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(10):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        ids, y = to_batch(train[i:i + 32])
        loss = objective(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, "train %.3f %.3f" % evaluate(train), "test %.3f %.3f" % evaluate(test))
print("accuracy on unseen clauses: %.3f" % evaluate(test)[1])
