# TransE on a generated geography graph. Filtered hits@k on held-out triples. Entity rows are projected back to the
# unit ball by hand after every step, as in the original release.
import itertools, random
import numpy as np
import torch
import torch.nn.functional as F

random.seed(17); np.random.seed(17); torch.manual_seed(17)

# --- a world -------------------------------------------------------------
N_COUNTRY, PER = 16, 6
ent, triples = [], []
countries = [f"country{i}" for i in range(N_COUNTRY)]
langs = [f"lang{i}" for i in range(5)]
conts = [f"continent{i}" for i in range(4)]
for i, c in enumerate(countries):
    l, k = random.choice(langs), conts[i % 4]
    triples += [(c, "speaks", l), (c, "part_of", k)]
    for j in range(PER):
        town = f"town{i}_{j}"
        triples += [(town, "located_in", c), (town, "town_language", l), (town, "on_continent", k)]
        for m in range(2):
            p = f"person{i}_{j}_{m}"
            triples += [(p, "born_in", town), (p, "citizen_of", c), (p, "native_speaker", l), (p, "from_continent", k)]
E = {e: i for i, e in enumerate(sorted({t[0] for t in triples} | {t[2] for t in triples}))}
R = {r: i for i, r in enumerate(sorted({t[1] for t in triples}))}
T = [(E[h], R[r], E[t]) for h, r, t in triples]
derived = [t for t in T if t[1] in (R["from_continent"], R["native_speaker"], R["citizen_of"], R["on_continent"])]
random.shuffle(derived)
test = derived[:120]
known = set(T)
hold = set(test)
train = np.array([t for t in T if t not in hold])
print(len(E), "entities", len(R), "relations", len(train), "train", len(test), "test")

# --- model ---------------------------------------------------------------
d = 10
bound = 6 / d ** .5
ent_emb = torch.nn.Parameter(torch.empty(len(E), d).uniform_(-bound, bound))
rel_emb = torch.nn.Parameter(F.normalize(torch.empty(len(R), d).uniform_(-bound, bound)))
with torch.no_grad():
    ent_emb.copy_(F.normalize(ent_emb))
opt = torch.optim.Adagrad([ent_emb, rel_emb], lr=.15)


def dist(h, r, t):
    return (ent_emb[h] + rel_emb[r] - ent_emb[t]).pow(2).sum(-1)


def hits(rows):
    ranks = []
    with torch.no_grad():
        for h, r, t in rows:
            s = dist(torch.tensor(h), torch.tensor(r), torch.arange(len(E)))
            for o in range(len(E)):
                if o != t and (h, r, o) in known:
                    s[o] = 1e9
            ranks.append(1 + int((s < s[t]).sum()))
    ranks = np.array(ranks)
    return (1 / ranks).mean(), (ranks == 1).mean(), (ranks <= 3).mean()


print("untrained  MRR %.3f hits@1 %.3f hits@3 %.3f" % hits(test))
MARGIN, BATCH, NEG = 2., 128, 4
for epoch in range(40):
    np.random.shuffle(train)
    tot = 0
    for b in range(0, len(train), BATCH):
        h, r, t = torch.from_numpy(train[b:b + BATCH]).T
        h, r, t = (z.repeat(NEG) for z in (h, r, t))
        flip = torch.rand(len(h)) < .5
        noise = torch.randint(len(E), (len(h),))
        nh, nt = torch.where(flip, noise, h), torch.where(flip, t, noise)
        loss = F.relu(MARGIN + dist(h, r, t) - dist(nh, r, nt)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            ent_emb.div_(ent_emb.norm(dim=1, keepdim=True).clamp_min(1.))
        tot += loss.item() * len(h) / NEG
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1} margin loss {tot / len(train):.4f}")
print("train      MRR %.3f hits@1 %.3f hits@3 %.3f" % hits([tuple(map(int, x)) for x in train if tuple(x) in set(derived)][:120]))
print("test       MRR %.3f hits@1 %.3f hits@3 %.3f" % hits(test))
