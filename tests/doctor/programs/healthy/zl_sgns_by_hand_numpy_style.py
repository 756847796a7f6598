"""word2vec (skip-gram, negative sampling) with the gradient written out by hand.

No autograd at all: I wanted to see that I get the formulas of the paper right. torch is only a faster numpy here.
"""
import random

import torch

torch.manual_seed(5)
torch.set_grad_enabled(False)
random.seed(5)

THEMES = {
    "kitchen": "pan stove onion garlic spoon oven salt recipe butter knife".split(),
    "sea": "boat wave harbour sailor anchor tide fish gull island storm".split(),
    "school": "teacher pupil lesson exam chalk homework desk grade break library".split(),
    "music": "violin choir melody drum concert rhythm opera singer chord tempo".split(),
}
COMMON = "the a of and with near".split()
theme_of = {w: t for t, ws in THEMES.items() for w in ws}


def sentence():
    t = THEMES[random.choice(list(THEMES))]
    return [random.choice(COMMON) if random.random() < 0.3 else random.choice(t) for _ in range(9)]


corpus = [sentence() for _ in range(900)]
held = [sentence() for _ in range(150)]
vocab = sorted({w for s in corpus for w in s})
ix = {w: i for i, w in enumerate(vocab)}


def skipgrams(sents, window=3):
    return torch.tensor([(ix[s[i]], ix[s[j]]) for s in sents for i in range(len(s))
                         for j in range(max(0, i - window), min(len(s), i + window + 1)) if i != j])


pairs, held_pairs = skipgrams(corpus), skipgrams(held)
freq = torch.bincount(pairs[:, 1], minlength=len(vocab)).float().pow(0.75)
D, K, LR, BS = 16, 5, 0.6, 128
centre = (torch.rand(len(vocab), D) - 0.5) / D
context = torch.zeros(len(vocab), D)          # as in the C code


def nll(p):
    neg = torch.multinomial(freq, len(p) * K, replacement=True).view(-1, K)
    v = centre[p[:, 0]]
    pos = torch.nn.functional.logsigmoid((v * context[p[:, 1]]).sum(1))
    bad = torch.nn.functional.logsigmoid(-torch.einsum("bd,bkd->bk", v, context[neg])).sum(1)
    return -(pos + bad).mean().item()


print(f"{len(vocab)} words, {len(pairs)} pairs; before: nll {nll(held_pairs):.4f}")
EPOCHS = 5
for epoch in range(EPOCHS):
    order = torch.randperm(len(pairs))
    for n, idx in enumerate(order.split(BS)):
        lr = LR * max(0.02, 1 - (epoch + n * BS / len(pairs)) / EPOCHS)
        c, o = pairs[idx, 0], pairs[idx, 1]
        targets = torch.cat([o[:, None], torch.multinomial(freq, len(idx) * K, replacement=True).view(-1, K)], 1)
        label = torch.zeros(len(idx), K + 1)
        label[:, 0] = 1
        v, u = centre[c], context[targets]                                # (B, D), (B, K+1, D)
        err = torch.sigmoid((u @ v.unsqueeze(2)).squeeze(2)) - label      # d loss / d score
        grad_v = (err.unsqueeze(2) * u).sum(1)
        grad_u = err.unsqueeze(2) * v.unsqueeze(1)
        scale = lr / 8                                                     # many pairs share a row in a batch
        centre.index_add_(0, c, -scale * grad_v)
        context.index_add_(0, targets.flatten(), -scale * grad_u.flatten(0, 1))
    print(f"epoch {epoch + 1}: nll train {nll(pairs[:8000]):.4f} held-out {nll(held_pairs):.4f}")

unit = centre / centre.norm(dim=1, keepdim=True)
known = [w for w in vocab if w in theme_of]
rows = torch.tensor([ix[w] for w in known])
sim = unit[rows] @ unit[rows].T
sim.fill_diagonal_(-2)
near = sim.topk(5, dim=1).indices
hits = [theme_of[known[j]] == theme_of[w] for i, w in enumerate(known) for j in near[i].tolist()]
print("share of neighbours of the same theme:", sum(hits) / len(hits), "(chance 0.23)")
