"""K-NRM: kernel pooling over the cosine matrix of query and document, pairwise hinge loss.
Queries are related to documents through neighbours in GloVe space, not through the same words; vectors stay fixed."""
import gzip
import os

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
gen = np.random.default_rng(9)
torch.manual_seed(9)


def glove(n):
    words, mat = [], []
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            p = line.split()
            if i > 300 and p[0].isalpha() and len(p[0]) > 3:
                words.append(p[0])
                mat.append(np.array(p[1:], dtype=np.float32))
            if len(words) == n:
                return words, np.stack(mat)


words, mat = glove(2000)
unit = mat / np.linalg.norm(mat, axis=1, keepdims=True)
near = np.argsort(-(unit @ unit.T), axis=1)[:, 1:9]          # eight nearest neighbours, without the word itself
QL, DL = 3, 14


def topic(query_words, k):
    """A document with k words out of the query's neighbourhood, the rest from anywhere."""
    doc = gen.integers(len(words), size=DL)
    slots = gen.choice(DL, size=k, replace=False)
    for j, s in enumerate(slots):
        doc[s] = gen.choice(near[query_words[j % QL]])
    return doc


def triples(vocab_part, n):
    q = np.stack([gen.choice(vocab_part, QL, replace=False) for _ in range(n)])
    pos = np.stack([topic(w, gen.integers(3, 6)) for w in q])
    neg = np.stack([topic(w, gen.integers(0, 2)) for w in q])
    return [torch.from_numpy(a) for a in (q, pos, neg)]


shuffled = gen.permutation(len(words))
train = triples(shuffled[:1600], 1500)
test = triples(shuffled[1600:], 400)                          # queries of words that no training query has


class KNRM(nn.Module):
    def __init__(self, vectors, n_kernels=9):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True)
        self.register_buffer("mu", torch.linspace(-0.6, 1.0, n_kernels))
        self.sigma = 0.12
        self.dense = nn.Linear(n_kernels, 1)

    def forward(self, q, d):
        a = nn.functional.normalize(self.emb(q), dim=-1)
        b = nn.functional.normalize(self.emb(d), dim=-1)
        sim = (a @ b.transpose(1, 2)).unsqueeze(-1)
        k = torch.exp(-(sim - self.mu) ** 2 / (2 * self.sigma ** 2)).sum(2)
        return self.dense(torch.log1p(k).sum(1)).squeeze(-1)


ranker = KNRM(mat)
opt = torch.optim.Adam(ranker.dense.parameters(), lr=1e-2)
hinge = nn.MarginRankingLoss(margin=1.0)


def evaluate(part):
    ranker.eval()
    with torch.no_grad():
        p, n = ranker(part[0], part[1]), ranker(part[0], part[2])
        return hinge(p, n, torch.ones_like(p)).item(), (p > n).float().mean().item()


print("untrained: pairs in order %.3f" % evaluate(test)[1])
for epoch in range(8):
    ranker.train()
    tot = 0.0
    for idx in torch.randperm(len(train[0])).split(50):
        q, pos, neg = (t[idx] for t in train)
        sp, sn = ranker(q, pos), ranker(q, neg)
        loss = hinge(sp, sn, torch.ones_like(sp))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    l, acc = evaluate(test)
    print("epoch %d  hinge %.3f   test hinge %.3f  pairs in order %.3f" % (epoch, tot / len(train[0]), l, acc))
print("training pairs in order %.3f" % evaluate(train)[1])
