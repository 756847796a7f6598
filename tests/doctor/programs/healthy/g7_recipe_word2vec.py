# word2vec by hand: skip-gram with negative sampling on a pile of (made up) recipe lines.
# In the end: do ingredients find others of the same dish type among their neighbours?
import random
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)

KITCHENS = {
    "bakery": "flour yeast butter sugar dough oven eggs vanilla cream crust".split(),
    "curry": "rice cumin ginger turmeric lentils coconut chili garlic coriander onion".split(),
    "salad": "lettuce cucumber tomato vinegar olive feta radish parsley dressing avocado".split(),
    "grill": "steak ribs charcoal pepper sausage smoke sauce bacon burger skewer".split(),
    "sushi": "nori tuna wasabi salmon seaweed soy sesame miso roll eel".split(),
}
glue = "add the some then mix and with take more fresh of a".split()


def line():
    name = random.choice(list(KITCHENS))
    out = []
    for _ in range(random.randint(5, 8)):
        if random.random() < 0.4:
            out.append(random.choice(glue))
        pool = KITCHENS[name] if random.random() < 0.93 else random.choice(list(KITCHENS.values()))
        out.append(random.choice(pool))
    return out


corpus = [line() for _ in range(1500)]
held_out = [line() for _ in range(150)]
counts = Counter(w for s in corpus for w in s)
itos = [w for w, _ in counts.most_common()]
stoi = {w: i for i, w in enumerate(itos)}
V, D, WINDOW, NEG = len(itos), 16, 2, 5


def skipgrams(lines):
    pairs = []
    for s in lines:
        ids = [stoi[w] for w in s]
        for i, c in enumerate(ids):
            for j in range(max(0, i - WINDOW), min(len(ids), i + WINDOW + 1)):
                if j != i:
                    pairs.append((c, ids[j]))
    return torch.tensor(pairs)


pairs, dev_pairs = skipgrams(corpus), skipgrams(held_out)
freq = torch.tensor([counts[w] for w in itos], dtype=torch.float) ** 0.75
noise = freq / freq.sum()

center = torch.nn.Embedding(V, D)
context = torch.nn.Embedding(V, D)
torch.nn.init.uniform_(center.weight, -0.5 / D, 0.5 / D)
torch.nn.init.zeros_(context.weight)          # as in the C tool


def sgns(batch, generator=None):
    c, o = batch[:, 0], batch[:, 1]
    neg = torch.multinomial(noise, len(batch) * NEG, replacement=True, generator=generator).view(-1, NEG)
    vc = center(c)
    pos = (vc * context(o)).sum(-1)
    fake = (context(neg) @ vc.unsqueeze(-1)).squeeze(-1)
    return -(F.logsigmoid(pos) + F.logsigmoid(-fake).sum(-1)).mean()


def dev_loss():
    with torch.no_grad():
        return sgns(dev_pairs, torch.Generator().manual_seed(9)).item()


def neighbour_score(k=5):
    with torch.no_grad():
        v = F.normalize(center.weight, dim=-1)
        sim = v @ v.T
    home = {w: n for n, ws in KITCHENS.items() for w in ws}
    words = [w for w in itos if w in home]
    ids = torch.tensor([stoi[w] for w in words])
    sub = sim[ids][:, ids].fill_diagonal_(-9)
    near = sub.topk(k, dim=1).indices.tolist()
    return np.mean([home[words[j]] == home[w] for w, js in zip(words, near) for j in js])


opt = torch.optim.Adam([*center.parameters(), *context.parameters()], lr=0.01)
print("pairs", len(pairs), "words", V, "| neighbours before:", round(neighbour_score(), 3), "dev loss", round(dev_loss(), 3))
for epoch in range(1, 6):
    pairs = pairs[torch.randperm(len(pairs))]
    total = 0.0
    for batch in pairs.split(256):
        loss = sgns(batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(batch)
    print(f"epoch {epoch} loss {total / len(pairs):.4f} dev loss {dev_loss():.4f} same kitchen among 5 nearest {neighbour_score():.3f}")
