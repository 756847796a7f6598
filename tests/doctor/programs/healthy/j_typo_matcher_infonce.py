import random
import string
import torch
import torch.nn.functional as F

"""
Match misspelt product names to the catalogue (dedupe job).
Two views of one made-up name = two independent misspellings. NT-Xent, symmetric, temperature 0.1.
New names are drawn for every batch, so there is no fixed training set to memorise. Labels? None needed.
"""

rnd = random.Random(2024)
torch.manual_seed(2024)
ABC = string.ascii_lowercase
syll = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"] + ["en", "or", "ix", "al", "um"]


def name():
    return "".join(rnd.choice(syll) for _ in range(rnd.randint(3, 5)))


def typo(s):
    s = list(s)
    for _ in range(rnd.choice((1, 1, 2))):
        i, kind = rnd.randrange(len(s)), rnd.random()
        if kind < .3: s[i] = rnd.choice(ABC)
        elif kind < .55 and len(s) > 3: del s[i]
        elif kind < .8: s.insert(i, rnd.choice(ABC))
        elif i: s[i - 1], s[i] = s[i], s[i - 1]
    return "".join(s)


def grams(words):
    """bag of character 1- and 2-grams with boundary signs -> (flat ids, offsets)"""
    flat, off = [], []
    for w in words:
        off.append(len(flat))
        w = "{" + w + "{"                                  # '{' is chr(ord('z') + 1)
        flat += [ord(c) - 97 for c in w] + [27 + 27 * (ord(a) - 97) + ord(b) - 97 for a, b in zip(w, w[1:])]
    return torch.tensor(flat), torch.tensor(off)


table = torch.nn.EmbeddingBag(27 + 27 * 27, 48, mode="sum")
torch.nn.init.normal_(table.weight, std=.02)
tower = torch.nn.Linear(48, 32, bias=False)
log_tau = torch.nn.Parameter(torch.tensor(0.1).log())
params = [*table.parameters(), *tower.parameters()]
opt = torch.optim.Adam([{"params": params}, {"params": [log_tau], "lr": 1e-3}], lr=8e-3)


def embed(words):
    return F.normalize(tower(table(*grams(words)).tanh()), dim=-1)


def retrieval(catalogue, queries):
    with torch.no_grad():
        return (embed(queries) @ embed(catalogue).t()).argmax(1).eq(torch.arange(len(queries))).float().mean().item()


held_out = sorted({name() for _ in range(1000)})
held_q = [typo(n) for n in held_out]
banned = set(held_out)
print("untrained recall@1 on", len(held_out), "names: %.3f" % retrieval(held_out, held_q))

STEPS, B, ema = 240, 64, None
for step in range(1, STEPS + 1):
    fresh = []
    while len(fresh) < B:
        n = name()
        if n not in banned and n not in fresh:
            fresh.append(n)
    a, b = embed([typo(n) for n in fresh]), embed([typo(n) for n in fresh])
    sim = a @ b.t() / log_tau.exp()
    target = torch.arange(B)
    loss = (F.cross_entropy(sim, target) + F.cross_entropy(sim.t(), target)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    for g in opt.param_groups[:1]:
        g["lr"] = 8e-3 * (1 - step / STEPS)
    ema = loss.item() if ema is None else .9 * ema + .1 * loss.item()
    if step % 60 == 0:
        print("step %3d  loss %.3f  in-batch acc %.3f  tau %.3f" % (step, ema, (sim.argmax(1) == target).float().mean(), log_tau.exp().item()))

trained_on = sorted({name() for _ in range(1000)} - banned)
print("recall@1  other names %.3f   held-out names %.3f" % (retrieval(trained_on, [typo(n) for n in trained_on]), retrieval(held_out, held_q)))
