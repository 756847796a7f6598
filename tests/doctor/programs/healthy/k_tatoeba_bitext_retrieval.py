# Bitext mining toy: find the French translation of an English sentence among 500 candidates.
# Two bags of words, symmetric InfoNCE with in-batch negatives, learned temperature. Data: Tatoeba.
import gzip, os, random, re, unicodedata
from collections import Counter
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(3); rng = random.Random(3)

def words(s):
    s = "".join(c for c in unicodedata.normalize("NFD", s.lower()) if unicodedata.category(c) != "Mn")
    return re.findall(r"[a-z]+", s)

pairs, used = [], set()
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n < 20000 or n % 6: continue
        if n > 110000: break
        e, fr = line.rstrip("\n").split("\t")[:2]
        if e in used or fr in used: continue
        used.update((e, fr))
        pairs.append((words(e), words(fr)))
# common words only, so that every sentence can be read in full
count = [Counter(w for p in pairs for w in set(p[col])) for col in (0, 1)]
pairs = [p for p in pairs if all(count[c][w] >= 8 for c in (0, 1) for w in p[c])]
rng.shuffle(pairs)
test, train = pairs[:500], pairs[500:]

def build(col):
    c = Counter(w for p in train for w in set(p[col]))
    return {w: i for i, w in enumerate(w for w, k in c.items() if k >= 2)}, c
ve, ce = build(0); vf, cf = build(1)
# pairs in which nothing is known cannot be found by anyone
test = [p for p in test if any(w in ve for w in p[0]) and any(w in vf for w in p[1])]
train = [p for p in train if any(w in ve for w in p[0]) and any(w in vf for w in p[1])]
print(f"{len(train)} training pairs, {len(test)} test pairs, {len(ve)}/{len(vf)} words")

class Side(nn.Module):
    def __init__(self, vocab, counts, dim=96):
        super().__init__()
        self.vocab = vocab
        self.bag = nn.EmbeddingBag(len(vocab), dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        # idf is a property of the corpus, not something to learn
        self.register_buffer("idf", torch.tensor([np.log(len(train) / counts[w]) for w in vocab], dtype=torch.float32))

    def forward(self, sents, drop=0.0):
        ids = [[self.vocab[w] for w in s if w in self.vocab] for s in sents]
        if drop:                                     # word dropout, but never the whole sentence
            ids = [[j for j in i if rng.random() > drop] or i for i in ids]
        off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        flat = torch.tensor([j for i in ids for j in i])
        return F.normalize(self.bag(flat, off, per_sample_weights=self.idf[flat]), dim=1)

en, fr = Side(ve, ce), Side(vf, cf)
log_t = nn.Parameter(torch.tensor(np.log(12.0), dtype=torch.float32))
opt = torch.optim.Adam([*en.parameters(), *fr.parameters(), log_t], lr=5e-3)

def score(rows):
    with torch.no_grad():
        s = en([a for a, _ in rows]) @ fr([b for _, b in rows]).T
    rank = (s > s.diag()[:, None]).sum(1) + 1
    return (rank == 1).float().mean().item(), (1.0 / rank).mean().item()

B, EPOCHS = 128, 4
total = EPOCHS * (len(train) // B)
step = 0
for ep in range(EPOCHS):
    rng.shuffle(train)
    acc = 0.0
    for i in range(0, len(train) - B + 1, B):
        for g in opt.param_groups: g["lr"] = 5e-3 * (1 - step / total)
        chunk = train[i:i + B]
        s = log_t.exp() * en([a for a, _ in chunk], 0.2) @ fr([b for _, b in chunk], 0.2).T
        gold = torch.arange(len(chunk))
        loss = (F.cross_entropy(s, gold) + F.cross_entropy(s.T, gold)) / 2
        opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
        acc += loss.item(); step += 1
    print(f"ep {ep}: loss {acc / (len(train) // B):.3f} temperature {log_t.exp().item():.1f}  test R@1 {score(test)[0]:.3f}")
print("train (500): R@1 %.3f MRR %.3f" % score(train[:len(test)]))
print("test       : R@1 %.3f MRR %.3f   (chance R@1 %.4f)" % (*score(test), 1 / len(test)))
