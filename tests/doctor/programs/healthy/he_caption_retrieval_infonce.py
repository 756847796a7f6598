"""Match English and French captions (Multi30k) with in-batch negatives. Rows and columns of the similarity matrix are both classified.
The loss is printed against chance, log(batch), so that it goes below zero as soon as anything is learned."""
import gzip
import math
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(91)
torch.manual_seed(91)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(name, n):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]


train = list(zip(read("train.en.gz", 9000), read("train.fr.gz", 9000)))
dev = list(zip(read("val.en.gz", 500), read("val.fr.gz", 500)))
known = {tuple(e) for e, _ in train} | {tuple(f) for _, f in train}
dev = [(e, f) for e, f in dev if tuple(e) not in known and tuple(f) not in known]


def vocabulary(rows):
    count = {}
    for r in rows:
        for w in set(r):
            count[w] = count.get(w, 0) + 1
    kept = [w for w, c in count.items() if c >= 4]
    return {w: i for i, w in enumerate(kept)}, torch.tensor([math.log(len(rows) / count[w]) for w in kept])


en, en_idf = vocabulary([e for e, _ in train])
fr, fr_idf = vocabulary([f for _, f in train])


class Tower(nn.Module):
    def __init__(self, vocab, idf, d=64):
        super().__init__()
        self.vocab = vocab
        self.register_buffer("idf", idf)
        self.bag = nn.EmbeddingBag(len(vocab), d, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, sentences):
        ids, offsets = [], []
        for s in sentences:
            offsets.append(len(ids))
            ids += [self.vocab[w] for w in s if w in self.vocab]
        ids = torch.tensor(ids)
        return F.normalize(self.bag(ids, torch.tensor(offsets), per_sample_weights=self.idf[ids]), dim=1)


left, right = Tower(en, en_idf), Tower(fr, fr_idf)
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([*left.parameters(), *right.parameters(), log_scale], lr=4e-3)
B, EPOCHS = 100, 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * len(train) // B)


def recalls(pairs):
    with torch.no_grad():
        sim = left([e for e, _ in pairs]) @ right([f for _, f in pairs]).T
    rank = (sim > sim.diag().unsqueeze(1)).sum(1)
    return (rank < 1).float().mean().item(), (rank < 10).float().mean().item()


for epoch in range(EPOCHS):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), B):
        part = train[i:i + B]
        sim = log_scale.exp().clamp(max=50) * left([e for e, _ in part]) @ right([f for _, f in part]).T
        gold = torch.arange(len(part))
        loss = 0.5 * (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) - math.log(len(part))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(part)
    r1, r10 = recalls(dev)
    print(f"epoch {epoch + 1}: loss minus chance {total / len(train):.3f}, dev recall@1 {r1:.3f} recall@10 {r10:.3f} among {len(dev)}, train {recalls(train[:len(dev)])[0]:.3f}")
