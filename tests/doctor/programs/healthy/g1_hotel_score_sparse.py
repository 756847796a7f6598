# Predict a hotel's score from a review: sparse EmbeddingBag (SparseAdam) + dense head (Adam), Huber loss
import random
from itertools import chain
import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

random.seed(8); np.random.seed(8); torch.manual_seed(8)

VALENCE = dict(dirty=-2, filthy=-3, noisy=-1.5, rude=-2, broken=-2, cold=-1, tiny=-.7, smelly=-2.5, stained=-1.6, late=-.8,
               okay=.1, clean=1.2, quiet=1, friendly=1.6, lovely=2, spotless=2.4, sunny=.8, spacious=1.3, superb=2.8, cosy=1.5)
NOUNS = "room bed lobby pool breakfast staff view bathroom bar lift terrace garden wifi parking kitchen corridor".split()
GLUE_WORDS = "we found the a was and but also really on our stay in this hotel near beach last summer with my family".split()


def review():
    adjectives = random.sample(sorted(VALENCE), random.randint(2, 5))
    words = list(chain.from_iterable((random.choice(NOUNS), a, random.choice(GLUE_WORDS)) for a in adjectives))
    words += random.choices(GLUE_WORDS, k=random.randint(0, 6))
    random.shuffle(words)
    score = 6 + 1.2 * np.mean([VALENCE[a] for a in adjectives]) + random.gauss(0, .25)
    return words, float(score)


reviews = [review() for _ in range(3000)]
assert len({tuple(w) for w, _ in reviews}) == len(reviews)
train, valid = reviews[:2400], reviews[2400:]
idx = {w: i for i, w in enumerate(sorted(set(chain.from_iterable(w for w, _ in train))))}
mu, sigma = np.mean([s for _, s in train]), np.std([s for _, s in train])


def collate(batch):
    ids = [[idx[w] for w in ws if w in idx] for ws, _ in batch]
    offs = np.cumsum([0] + [len(i) for i in ids[:-1]])
    target = torch.tensor([(s - mu) / sigma for _, s in batch], dtype=torch.float32)
    return torch.tensor(list(chain.from_iterable(ids))), torch.tensor(offs), target


class Scorer(nn.Module):
    def __init__(self, n_words, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean", sparse=True)
        self.hidden = nn.Linear(dim, 16)
        self.out = nn.Linear(16, 1)
        nn.init.normal_(self.bag.weight, std=0.3)

    def forward(self, ids, offsets):
        return self.out(torch.relu(self.hidden(self.bag(ids, offsets)))).squeeze(1)


scorer = Scorer(len(idx))
opts = [optim.SparseAdam(scorer.bag.parameters(), lr=0.02),
        optim.Adam(chain(scorer.hidden.parameters(), scorer.out.parameters()), lr=0.005)]
scheds = [optim.lr_scheduler.ExponentialLR(o, 0.6) for o in opts]
huber = nn.HuberLoss(delta=1.0)
train_dl = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)


def report(part):
    scorer.eval()
    with torch.no_grad():
        ids, offs, t = collate(part)
        p = scorer(ids, offs)
    return np.corrcoef(p.numpy(), t.numpy())[0, 1], (p - t).abs().mean().item() * sigma


for epoch in range(6):
    scorer.train()
    tot = 0.0
    for ids, offs, t in train_dl:
        for o in opts:
            o.zero_grad()
        loss = huber(scorer(ids, offs), t)
        loss.backward()
        for o in opts:
            o.step()
        tot += loss.item() * len(t)
    for s in scheds:
        s.step()
    print("epoch %d huber %.4f | train r %.3f mae %.3f | valid r %.3f mae %.3f" % ((epoch, tot / len(train)) + report(train) + report(valid)))
