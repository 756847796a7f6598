"""In-batch contrastive training of a dual encoder on gloss pairs of a constructed language.

Rows of the batch are each other's negatives; temperature is learned (as in CLIP).
"""
import math
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)

CONCEPTS = 120
syll = [c + v for c in "ptkmnslr" for v in "aeiou"]
forms = random.sample([a + b for a in syll for b in syll], 2 * CONCEPTS)
LEFT, RIGHT = forms[:CONCEPTS], forms[CONCEPTS:]
left_id = {w: i + 1 for i, w in enumerate(LEFT)}
right_id = {w: i + 1 for i, w in enumerate(["ke", "ro"] + RIGHT)}      # two particles on the right side


def pair():
    meaning = random.sample(range(CONCEPTS), random.randint(3, 7))
    left = [LEFT[m] for m in meaning]
    right = [RIGHT[m] for m in reversed(meaning)]
    for _ in range(random.randint(0, 2)):
        right.insert(random.randint(0, len(right)), random.choice(["ke", "ro"]))
    return [left_id[w] for w in left], [right_id[w] for w in right]


def bags(seqs):
    lens = [len(s) for s in seqs]
    return torch.tensor(sum(seqs, [])), torch.tensor([0] + lens[:-1]).cumsum(0)


class Tower(nn.Module):
    def __init__(self, n, d=48):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean")
        self.lin = nn.Linear(d, d)

    def forward(self, flat, offsets):
        return F.normalize(self.lin(self.bag(flat, offsets)), dim=-1)


left, right = Tower(len(left_id) + 1), Tower(len(right_id) + 1)
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
params = [*left.parameters(), *right.parameters(), log_scale]
opt = torch.optim.Adam(params, lr=1e-2)
train, test = [pair() for _ in range(2500)], [pair() for _ in range(300)]


@torch.no_grad()
def recall(pairs, at=1):
    a, b = left(*bags([p[0] for p in pairs])), right(*bags([p[1] for p in pairs]))
    top = (a @ b.T).topk(at, dim=1).indices
    return (top == torch.arange(len(pairs))[:, None]).any(1).float().mean().item()


for epoch in range(4):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 50):
        part = train[i:i + 50]
        sim = left(*bags([p[0] for p in part])) @ right(*bags([p[1] for p in part])).T * log_scale.exp()
        gold = torch.arange(len(part))
        loss = 0.5 * (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold))
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            log_scale.clamp_(max=math.log(30.0))
        losses.append(loss.item())
    print("epoch %d loss %.3f scale %.1f  R@1 of 300: train %.3f test %.3f" % (
        epoch, sum(losses) / len(losses), log_scale.exp().item(), recall(train[:300]), recall(test)))
