"""
Cross-lingual sentence search without a parallel dictionary.

Two bags of words (English, French), one shared space, every other sentence of the batch is a negative.
Prints how often the right French sentence is the nearest among 400 unseen ones.
"""
import gzip
import os
import random
import re
import unicodedata
from collections import Counter, defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)
N_PAIRS, HELD, BATCH, DIM = 24000, 400, 128, 48


def norm(s):
    s = unicodedata.normalize("NFKD", s.lower())
    s = "".join(c for c in s if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+|[?!]", s)


pairs = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k % 2 or k < 2000:
            continue
        en, fr = line.rstrip("\n").split("\t")[:2]
        pairs.setdefault(en, fr)                       # one French version for each English sentence
        if len(pairs) == N_PAIRS:
            break
seen_fr, clean = set(), []
for en, fr in pairs.items():
    if fr not in seen_fr:                              # and the other way round
        seen_fr.add(fr)
        clean.append((norm(en), norm(fr)))
random.shuffle(clean)
held, train = clean[:HELD], clean[HELD:]


class Side(nn.Module):
    def __init__(self, sentences):
        super().__init__()
        c = Counter(w for s in sentences for w in s)
        self.ids = defaultdict(int, {w: i + 1 for i, w in enumerate(w for w, n in c.items() if n > 2)})
        self.bag = nn.EmbeddingBag(len(self.ids) + 1, DIM, mode="sum", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, sents):
        flat = [self.ids.get(w, 0) for s in sents for w in s]
        off = [0]
        for s in sents[:-1]:
            off.append(off[-1] + len(s))
        return F.normalize(self.bag(torch.tensor(flat), torch.tensor(off)), dim=1)


en, fr = Side([e for e, _ in train]), Side([f for _, f in train])
log_t = nn.Parameter(torch.tensor(2.5))
opt_rows = torch.optim.SparseAdam(list(en.parameters()) + list(fr.parameters()), lr=0.01)
opt_temp = torch.optim.SGD([log_t], lr=0.02)


def both_ways(a, b):
    sim = log_t.exp() * a @ b.t()
    me = torch.arange(len(a))
    return (F.cross_entropy(sim, me) + F.cross_entropy(sim.t(), me)) / 2


@torch.no_grad()
def precision(rows):
    sim = en([e for e, _ in rows]) @ fr([f for _, f in rows]).t()
    me = torch.arange(len(rows))
    return (sim.argmax(1) == me).float().mean().item(), (sim.argmax(0) == me).float().mean().item()


print(len(train), "pairs,", len(en.ids), "English and", len(fr.ids), "French words")
for epoch in range(3):
    random.shuffle(train)
    for g in opt_rows.param_groups:
        g["lr"] = (0.02, 0.01, 0.003)[epoch]
    losses = []
    for i in range(0, len(train) - BATCH + 1, BATCH):
        chunk = train[i:i + BATCH]
        loss = both_ways(en([e for e, _ in chunk]), fr([f for _, f in chunk]))
        opt_rows.zero_grad()
        opt_temp.zero_grad()
        loss.backward()
        opt_rows.step()
        opt_temp.step()
        losses.append(loss.item())
    p, q = precision(held)
    print(f"epoch {epoch}  loss {sum(losses) / len(losses):.3f}  scale {log_t.exp().item():.1f}  "
          f"held-out P@1 en>fr {p:.3f} fr>en {q:.3f}   (guess {1 / HELD:.4f})")
print("P@1 on as many training pairs: %.3f %.3f" % precision(train[:HELD]))
