# Cross-lingual sentence embedding, CLIP style: symmetric InfoNCE with in-batch negatives and learned temperature.
# Sparse EmbeddingBag tables -> SparseAdam, the temperature -> plain Adam.
import gzip, os, random, re
import torch
import torch.nn.functional as F

random.seed(12); torch.manual_seed(12)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
tok = lambda s: re.findall(r"\w+|'", s.lower())
seen, pairs = set(), []
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for k, line in enumerate(fh):
        if k > 50000:
            break
        en, fr = line.rstrip("\n").split("\t")[:2]
        key = " ".join(tok(en))
        if key in seen or len(tok(en)) < 3 or not tok(fr):
            continue
        seen.add(key)
        pairs.append((tok(en), tok(fr)))
random.shuffle(pairs)
pairs = pairs[:12500]
train, dev = pairs[:-500], pairs[-500:]


def build(sents, least=8):
    cnt = {}
    for s in sents:
        for w in s:
            cnt[w] = cnt.get(w, 0) + 1
    return {w: i + 1 for i, w in enumerate(w for w, c in cnt.items() if c >= least)}  # 0: unknown


ve, vf = build(p[0] for p in train), build(p[1] for p in train)


def pack(sents, v):
    ids, off = [], []
    for s in sents:
        off.append(len(ids))
        ids.extend(v.get(w, 0) for w in s)
    return torch.tensor(ids), torch.tensor(off)


class Tower(torch.nn.Module):
    def __init__(self, n, d=40):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(n, d, mode="mean", sparse=True)
        torch.nn.init.normal_(self.bag.weight, std=.1)

    def forward(self, ids, off):
        return F.normalize(self.bag(ids, off), dim=-1)


E, FR = Tower(len(ve) + 1), Tower(len(vf) + 1)
log_t = torch.nn.Parameter(torch.tensor(2.3))
opts = [torch.optim.SparseAdam(list(E.parameters()) + list(FR.parameters()), lr=1.5e-2), torch.optim.Adam([log_t], lr=1e-3)]


def recall(rows, pool=100):
    """R@1 among `pool` candidates, averaged over disjoint pools"""
    hit = []
    with torch.no_grad():
        for k in range(0, len(rows), pool):
            part = rows[k:k + pool]
            s = E(*pack([r[0] for r in part], ve)) @ FR(*pack([r[1] for r in part], vf)).T
            hit.append((s.argmax(1) == torch.arange(len(part))).float().mean().item())
    return sum(hit) / len(hit)


print(len(train), "pairs", len(ve), len(vf), "words; R@1 before %.3f" % recall(dev))
for ep in range(4):
    opts[0].param_groups[0]['lr'] = 1.5e-2 * (1 - ep / 4)
    random.shuffle(train)
    tot = n = 0
    for i in range(0, len(train) - 127, 128):
        rows = train[i:i + 128]
        a, b = E(*pack([r[0] for r in rows], ve)), FR(*pack([r[1] for r in rows], vf))
        logits = log_t.exp().clamp(max=100) * a @ b.t()
        lab = torch.arange(len(rows))
        loss = (F.cross_entropy(logits, lab) + F.cross_entropy(logits.t(), lab)) / 2
        for o in opts: o.zero_grad()
        loss.backward()
        for o in opts: o.step()
        tot += loss.item(); n += 1
    print(f"epoch {ep}: loss {tot / n:.3f} temp {log_t.exp().item():.1f} R@1 dev {recall(dev):.3f} train {recall(train[:500]):.3f}")
