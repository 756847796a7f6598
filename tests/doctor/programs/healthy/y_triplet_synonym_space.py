"""Metric learning: a linear map on top of frozen GloVe in which words of one field are neighbours (triplet margin loss).
Words of the test set are not in the training set; we ask for the field of their nearest training word."""
import gzip
import os
import random

import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)

FIELDS = """
dog cat horse cow pig sheep bird fish lion tiger bear wolf rabbit mouse elephant monkey snake duck rat whale eagle goat deer fox
bread milk cheese butter sugar salt pepper rice soup chicken beef pork garlic juice coffee tea wine beer chocolate cake cream sauce
paris london berlin moscow tokyo madrid rome chicago boston dublin sydney vienna prague warsaw toronto cairo delhi beijing istanbul
arm leg knee shoulder neck ankle wrist chest stomach heart brain lung liver kidney skin bone blood finger toe hip elbow hand foot
football soccer basketball tennis hockey baseball golf rugby cricket swimming boxing volleyball skiing cycling wrestling racing
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november
minister president senator mayor governor secretary chairman ambassador deputy commissioner chancellor premier king prince queen
piano guitar violin drums bass orchestra song album band singer concert opera jazz rock music lyrics vocals composer symphony
""".strip().split("\n")

wanted = {w: k for k, line in enumerate(FIELDS) for w in line.split()}
vectors = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in wanted:
            vectors[word] = torch.tensor([float(v) for v in rest.split()])
words = sorted(vectors)
random.shuffle(words)
field = torch.tensor([wanted[w] for w in words])
table = nn.Embedding.from_pretrained(torch.stack([vectors[w] for w in words]))        # frozen, on purpose
n_train = int(0.7 * len(words))
members = [[i for i in range(n_train) if field[i] == k] for k in range(len(FIELDS))]
print(len(words), "words,", n_train, "for training,", len(FIELDS), "fields")


class Space(nn.Module):
    def __init__(self):
        super().__init__()
        self.map = nn.Linear(50, 12, bias=False)

    def forward(self, ids):
        return nn.functional.normalize(self.map(table(ids)), dim=-1)


def triplets(n):
    a, p, q = [], [], []
    for _ in range(n):
        k, other = random.sample(range(len(FIELDS)), 2)
        i, j = random.sample(members[k], 2)
        a.append(i), p.append(j), q.append(random.choice(members[other]))
    return torch.tensor(a), torch.tensor(p), torch.tensor(q)


@torch.no_grad()
def report(space):
    space.eval()
    z = space(torch.arange(len(words)))
    sim = z @ z[:n_train].T
    near = field[sim[n_train:].argmax(1)]
    same = field.unsqueeze(1) == field[:n_train].unsqueeze(0)
    new = sim[n_train:]
    gap = new[same[n_train:]].mean() - new[~same[n_train:]].mean()
    return (near == field[n_train:]).float().mean().item(), gap.item()


space = Space()
loss_fn = nn.TripletMarginLoss(margin=0.4)
optimizer = torch.optim.Adam(space.parameters(), lr=1e-3)
print("before: nearest-word accuracy %.3f, similarity gap %.3f" % report(space))
for epoch in range(5):
    space.train()
    total = active = 0.0
    for _ in range(40):
        a, p, n = triplets(48)
        loss = loss_fn(space(a), space(p), space(n))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() / 40
    acc, gap = report(space)
    print(f"epoch {epoch}: triplet loss {total:.4f}, new words: nearest-word accuracy {acc:.3f}, similarity gap {gap:.3f}")
