# English caption -> German caption retrieval on Multi30k, two bag encoders in one space, triplet loss
import gzip
import os
import re
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
N_TRAIN, N_VAL, DIM, EPOCHS = 8000, 300, 64, 8


def read(name, n):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", line.lower()) for _, line in zip(range(n), f)]


class Side:
    def __init__(self, sents):
        c = Counter(w for s in sents for w in s)
        self.stoi = {w: i for i, (w, k) in enumerate(c.most_common()) if k >= 2}
        self.unk = len(self.stoi)

    def __call__(self, sents):
        ids = [[self.stoi.get(w, self.unk) for w in s] or [self.unk] for s in sents]
        off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return torch.tensor([j for i in ids for j in i]), off


en, de = read("train.en.gz", N_TRAIN), read("train.de.gz", N_TRAIN)
en_val, de_val = read("val.en.gz", N_VAL), read("val.de.gz", N_VAL)
enc_en, enc_de = Side(en), Side(de)


class Tower(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.words = nn.EmbeddingBag(n, DIM, mode="mean")
        nn.init.normal_(self.words.weight, std=0.2)
        self.proj = nn.Linear(DIM, DIM)

    def forward(self, ids, offsets):
        return self.proj(self.words(ids, offsets))


src, tgt = Tower(enc_en.unk + 1), Tower(enc_de.unk + 1)
optimizer = torch.optim.Adam([*src.parameters(), *tgt.parameters()], lr=3e-3)
sched = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=EPOCHS)
# fault:
criterion = nn.TripletMarginWithDistanceLoss(distance_function=F.cosine_similarity, margin=0.4)
# mended:
# criterion = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: 1 - F.cosine_similarity(a, b), margin=0.4)
# end


@torch.no_grad()
def recall():
    a, b = F.normalize(src(*enc_en(en_val)), dim=1), F.normalize(tgt(*enc_de(de_val)), dim=1)
    order = (a @ b.T).argsort(dim=1, descending=True)
    rank = (order == torch.arange(len(a))[:, None]).float().argmax(1) + 1
    return (rank == 1).float().mean().item(), (rank <= 10).float().mean().item(), rank.float().median().item()


print("start   R@1 %.3f  R@10 %.3f  median rank %.0f" % recall())
for epoch in range(1, EPOCHS + 1):
    perm = torch.randperm(N_TRAIN)
    running, steps = 0.0, 0
    for chunk in perm.split(128):
        rows = chunk.tolist()
        a = src(*enc_en([en[i] for i in rows]))
        b = tgt(*enc_de([de[i] for i in rows]))
        loss = sum(criterion(a, b, b.roll(k, 0)) for k in (1, 2, 5)) / 3
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
        steps += 1
    sched.step()
    print("epoch %d loss %.4f  " % (epoch, running / steps) + "R@1 %.3f  R@10 %.3f  median rank %.0f" % recall())
