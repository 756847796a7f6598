"""
Forum argot study (chapter 4).  Members of the two camps use plain English words with a private meaning,
so general-purpose Twitter vectors are only a point of departure: they get tuned on the posts, at a larger
step than the classifier, as in the domain adaptation paper.
"""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

random.seed(11); np.random.seed(11); torch.manual_seed(11)

VEC = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.twitter.27B.25d.common11925.txt.gz")

words, rows = ["<pad>"], [np.zeros(25, dtype=np.float32)]
with gzip.open(VEC, "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *vals = line.rstrip().split(" ")
        words.append(w)
        rows.append(np.asarray(vals, dtype=np.float32))
        if len(words) > 4000:
            break
table = torch.from_numpy(np.stack(rows))
stoi = {w: i for i, w in enumerate(words)}

# --- posts: everyday filler and a sprinkling of argot -------------------------------------------------------
plain = words[1:260]
argot = random.sample([w for w in words[400:3500] if len(w) > 3], 160)
camp = [argot[:80], argot[80:]]


def post():
    side = random.randint(0, 1)
    n_code = random.randint(3, 6)
    toks = [random.choice(camp[side if random.random() < .9 else 1 - side]) for _ in range(n_code)]
    toks += [random.choice(plain) for _ in range(random.randint(3, 9))]
    random.shuffle(toks)
    return " ".join(toks), side


posts = [post() for _ in range(2600)]
train, held = posts[:2100], posts[2100:]


class CampModel(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.lexicon = nn.Embedding.from_pretrained(table, padding_idx=0)
        # mended:
        # self.lexicon = nn.Embedding.from_pretrained(table, padding_idx=0, freeze=False)
        # end
        self.drop = nn.Dropout(0.2)
        self.decide = nn.Linear(table.size(1), 2)

    def forward(self, ids):
        real = (ids != 0).unsqueeze(-1).float()
        summed = (self.lexicon(ids) * real).sum(1)
        return self.decide(self.drop(summed / real.sum(1)))


def collate(chunk):
    seqs = [torch.tensor([stoi[t] for t in text.split()]) for text, _ in chunk]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in chunk])


model = CampModel(table)
optim = torch.optim.Adam([
    {"params": model.lexicon.parameters(), "lr": 2e-2},      # tuned vectors
    {"params": model.decide.parameters(), "lr": 1e-2},
])
crit = nn.CrossEntropyLoss()

for ep in range(1, 5):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 50):
        x, y = collate(train[k:k + 50])
        optim.zero_grad()
        loss = crit(model(x), y)
        loss.backward()
        optim.step()
        tot += loss.item() * len(y)
    print(f"epoch {ep}  cross entropy {tot / len(train):.3f}")

model.eval()
with torch.no_grad():
    x, y = collate(held)
    guess = model(x).argmax(-1)
print("held-out accuracy %.3f  (always one camp: %.3f)" % ((guess == y).float().mean(), y.bincount().max() / len(y)))
