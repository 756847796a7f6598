# English/French captions into one space: InfoNCE against a queue of old keys from a momentum encoder (MoCo style).
import os, gzip, re, copy
from collections import Counter
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(1); np.random.seed(1)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(name, n=None):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", l.lower()) for _, l in zip(range(n or 10 ** 9), f)]


N = 10000
en, fr = lines("train.en.gz", N), lines("train.fr.gz", N)
val_en, val_fr = lines("val.en.gz"), lines("val.fr.gz")


def vocab(sents):
    c = Counter(w for s in sents for w in s)
    return {w: i + 1 for i, (w, k) in enumerate(c.most_common()) if k >= 4}


def pack(sents, v):
    ids = [np.unique([v.get(w, 0) for w in s]) for s in sents]
    return ids


ve, vf = vocab(en), vocab(fr)
EN, FR, VEN, VFR = pack(en, ve), pack(fr, vf), pack(val_en, ve), pack(val_fr, vf)


def idf(rows, n):
    df = np.zeros(n)
    for r in rows: df[r] += 1
    w = np.log(len(rows) / (1 + df)); w[0] = 0
    return torch.tensor(w.clip(0), dtype=torch.float32)


class Tower(nn.Module):
    def __init__(self, n, w):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, 64, mode="sum")
        nn.init.normal_(self.bag.weight, std=.1)
        self.register_buffer("idf", w)

    def forward(self, rows):
        flat = torch.from_numpy(np.concatenate(rows))
        off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return F.normalize(self.bag(flat, off, per_sample_weights=self.idf[flat]), dim=1)


q_en, q_fr = Tower(len(ve) + 1, idf(EN, len(ve) + 1)), Tower(len(vf) + 1, idf(FR, len(vf) + 1))
k_fr = copy.deepcopy(q_fr)
for p in k_fr.parameters():
    p.requires_grad = False
queue = F.normalize(torch.randn(1024, 64), dim=1)
ptr, TAU, MOM, B = 0, .08, .9, 128
opt = torch.optim.Adam([*q_en.parameters(), *q_fr.parameters()], lr=1e-2)
total_steps = 2 * (N // B)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1., .05, total_steps)


@torch.no_grad()
def recall(a, b):
    s = q_en(a) @ q_fr(b).T
    return (s.argmax(1) == torch.arange(len(a))).float().mean().item()


for ep in range(2):
    perm, run = np.random.permutation(N), 0.
    for i in range(N // B):
        idx = perm[i * B:(i + 1) * B]
        a, f = q_en([EN[j] for j in idx]), q_fr([FR[j] for j in idx])
        with torch.no_grad():
            for p, r in zip(k_fr.parameters(), q_fr.parameters()):
                p.mul_(MOM).add_(r, alpha=1 - MOM)
            keys = k_fr([FR[j] for j in idx])
        tgt = torch.arange(B)
        moco = F.cross_entropy(torch.cat([a @ keys.T, a @ queue.T], 1) / TAU, tgt)
        direct = F.cross_entropy(f @ a.T / TAU, tgt)
        loss = moco + direct
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        queue[ptr:ptr + B] = keys; ptr = (ptr + B) % len(queue)
        run += loss.item()
    print(f"epoch {ep} loss {run / (N // B):.3f}  recall@1 among 1014: train {recall(EN[:1014], FR[:1014]):.3f}  val {recall(VEN, VFR):.3f}")
