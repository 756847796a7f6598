"""
DANN in miniature (Ganin & Lempitsky 2015): books -> kitchen, with labels on the source side only.
The reviews are generated so that the script has no dependencies.
"""
import random
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.autograd import Function

random.seed(3)
torch.manual_seed(3)
SYL = ["ba", "lo", "ri", "ken", "mu", "sha", "te", "von", "pi", "dra", "ol", "ny", "fe", "gu"]


def lexicon(n, used=set()):
    out = []
    while len(out) < n:
        w = "".join(random.choice(SYL) for _ in range(3))
        if w not in used:
            used.add(w)
            out.append(w)
    return out


GOOD, BAD, GLUE = lexicon(50), lexicon(50), lexicon(80)
TOPIC = {"books": lexicon(120), "kitchen": lexicon(120)}


def review(domain):
    y = random.randint(0, 1)
    words = random.choices(GOOD if y else BAD, k=random.randint(3, 5))
    words += random.choices(BAD if y else GOOD, k=random.randint(0, 1))
    words += random.choices(TOPIC[domain], k=random.randint(3, 6)) + random.choices(GLUE, k=random.randint(2, 5))
    random.shuffle(words)
    return " ".join(words), y


class Reviews:
    def __init__(self, rows, vocab=None):
        if vocab is None:
            counts = Counter(w for text, _ in rows for w in text.split())
            vocab = {"<unk>": 0}
            for w, _ in counts.most_common():
                vocab[w] = len(vocab)
        self.vocab = vocab
        self.ids = [torch.tensor([vocab.get(w, 0) for w in t.split()]) for t, _ in rows]
        self.y = torch.tensor([y for _, y in rows])

    def take(self, idx):
        chosen = [self.ids[i] for i in idx]
        sizes = torch.tensor([0] + [len(c) for c in chosen[:-1]])
        return torch.cat(chosen), sizes.cumsum(0), self.y[idx]


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class DANN(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.emb = nn.EmbeddingBag(n_words, 32, mode="mean")
        self.feat = nn.Sequential(nn.Linear(32, 32), nn.ReLU())
        self.label = nn.Linear(32, 2)
        self.domain = nn.Sequential(nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, flat, offsets, lam=0.0):
        f = self.feat(self.emb(flat, offsets))
        return self.label(f), self.domain(Reverse.apply(f, lam))


N_SRC = N_TGT = 1500
both = Reviews([review("books") for _ in range(N_SRC)] + [review("kitchen") for _ in range(N_TGT)])
held_out = [review("kitchen") for _ in range(600)]
# fault:
test = Reviews(held_out)
# mended:
# test = Reviews(held_out, both.vocab)
# end
print(f"{len(both.ids)} training reviews, {len(test.ids)} for the test, {len(both.vocab)} types")

net = DANN(len(both.vocab))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()
EPOCHS, B = 8, 50
for epoch in range(EPOCHS):
    s_order = torch.randperm(N_SRC)
    t_order = torch.randperm(N_TGT) + N_SRC
    lam = 0.1 * (2 / (1 + np.exp(-5 * epoch / EPOCHS)) - 1)
    tot, hits = 0.0, 0
    for k in range(0, N_SRC, B):
        idx = torch.cat([s_order[k:k + B], t_order[k:k + B]])
        flat, off, y = both.take(idx)
        dom = (idx >= N_SRC).long()
        lab, d = net(flat, off, lam)
        n = len(s_order[k:k + B])
        task = ce(lab[:n], y[:n])
        loss = task + ce(d, dom)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += task.item() * n
        hits += (lab[:n].argmax(1) == y[:n]).sum().item()
    print(f"epoch {epoch}  lambda {lam:.3f}  source loss {tot / N_SRC:.4f}  source acc {hits / N_SRC:.3f}")

net.eval()
with torch.no_grad():
    flat, off, y = test.take(torch.arange(len(test.ids)))
    print("target test accuracy %.3f" % (net(flat, off)[0].argmax(1) == y).float().mean())
