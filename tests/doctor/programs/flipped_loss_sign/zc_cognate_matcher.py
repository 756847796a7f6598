"""Cognate matching between a proto-language and its daughter (regular sound change + noise).

A form is encoded by its segments and segment pairs; a word and its reflex should lie closer than a word and any other
reflex, by a margin (hinge on cosine similarities, negatives taken from the same batch).
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED, MARGIN, DIM, BUCKETS = 31, 0.4, 48, 3000
rs = np.random.RandomState(SEED)
torch.manual_seed(SEED)

C = list("ptkbdgmnlrswj")
Vw = list("aeiou")
SHIFT = dict(zip("ptkbdgaeiou", "fθxptkoiuea"))        # Grimm-ish


def proto():
    return "".join(C[rs.randint(len(C))] + Vw[rs.randint(5)] for _ in range(rs.randint(2, 5)))


def reflex(w):
    out = [SHIFT.get(s, s) for s in w]
    if rs.rand() < .4:
        out = out[:-1]                                      # loss of the final vowel
    if rs.rand() < .3:
        j = rs.randint(len(out))
        out[j] = C[rs.randint(len(C))]
    return "".join(out)


lexicon = sorted({proto() for _ in range(2700)})
rs.shuffle(lexicon)
pairs = [(w, reflex(w)) for w in lexicon]
held, known = pairs[:200], pairs[200:]


def stable_hash(s):
    h = 7
    for ch in s:
        h = (h * 131 + ord(ch)) % 1000003
    return h % BUCKETS


def bag(forms):
    ids, off = [], []
    for f in forms:
        off.append(len(ids))
        f = "^" + f + "$"
        ids += [stable_hash(f[i:i + n]) for n in (1, 2) for i in range(len(f) - n + 1)]
    return torch.tensor(ids), torch.tensor(off)


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.seg = nn.EmbeddingBag(BUCKETS, DIM, mode="sum")
        nn.init.normal_(self.seg.weight, std=.1)
        self.mix = nn.Linear(DIM, DIM)

    def forward(self, forms):
        return F.normalize(self.mix(torch.tanh(self.seg(*bag(forms)))), dim=-1)


old, new = Tower(), Tower()
opt = torch.optim.Adam(list(old.parameters()) + list(new.parameters()), lr=5e-3)


def rank_score():
    with torch.no_grad():
        s = old([a for a, _ in held]) @ new([b for _, b in held]).T
    rank = (s > s.diag()[:, None]).sum(1)
    return (rank == 0).float().mean().item(), (1. / (rank + 1.)).mean().item()


for ep in range(4):
    rs.shuffle(known)
    hinge = []
    for i in range(0, len(known) - 49, 50):
        chunk = known[i:i + 50]
        sim = old([a for a, _ in chunk]) @ new([b for _, b in chunk]).T
        pos = sim.diag()[:, None]
        off_diag = ~torch.eye(len(chunk), dtype=torch.bool)
        # fault:
        loss = F.relu(MARGIN + pos - sim)[off_diag].mean()
        # mended:
        # loss = F.relu(MARGIN - pos + sim)[off_diag].mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        hinge.append(loss.item())
    print("epoch %d  hinge %.4f  recall@1 %.3f  MRR %.3f" % (ep + 1, np.mean(hinge), *rank_score()))
