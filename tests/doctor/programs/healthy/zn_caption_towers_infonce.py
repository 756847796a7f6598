"""
Two bag-of-words towers (English / French captions), trained with a symmetric InfoNCE loss over the batch.
Retrieval on the official Multi30k validation captions.
"""
import gzip, os, re
from collections import Counter
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(11)
ROOT = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k"
TOK = re.compile(r"\w+", re.UNICODE)


def load(split, lang):
    with gzip.open(ROOT / f"{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [TOK.findall(l.lower()) for l in f]


def build_vocab(sents, min_count=4):
    c = Counter(w for s in sents for w in s)
    return {w: i for i, (w, n) in enumerate(c.most_common()) if n >= min_count}


def flatten(sents, vocab):
    """list of 1-D LongTensors; words outside of the vocabulary are left out"""
    return [torch.tensor([vocab[w] for w in s if w in vocab], dtype=torch.long) for s in sents]


def bag(rows):
    lens = torch.tensor([0] + [len(r) for r in rows[:-1]])
    return torch.cat(rows), lens.cumsum(0)


class Tower(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean", sparse=True)

    def forward(self, flat, offs):
        return F.normalize(self.bag(flat, offs), dim=-1)


raw_en, raw_fr = load("train", "en")[:18000], load("train", "fr")[:18000]
v_en, v_fr = build_vocab(raw_en), build_vocab(raw_fr)
en, fr = flatten(raw_en, v_en), flatten(raw_fr, v_fr)
keep = [i for i in range(len(en)) if len(en[i]) and len(fr[i])]
en, fr = [en[i] for i in keep], [fr[i] for i in keep]
val_en, val_fr = flatten(load("val", "en"), v_en), flatten(load("val", "fr"), v_fr)

left, right = Tower(len(v_en), 32), Tower(len(v_fr), 32)
log_scale = nn.Parameter(torch.tensor(2.5))
opt_tables = torch.optim.SparseAdam(list(left.parameters()) + list(right.parameters()), lr=0.03)
opt_scale = torch.optim.Adam([log_scale], lr=0.01)
EPOCHS, B = 3, 256
total = EPOCHS * (len(en) // B)
sched = torch.optim.lr_scheduler.LambdaLR(opt_tables, lambda s: max(0.02, 1 - s / total))


@torch.no_grad()
def recall(a_rows, b_rows, k):
    a, b = left(*bag(a_rows)), right(*bag(b_rows))
    top = (a @ b.t()).topk(k, dim=1).indices
    return (top == torch.arange(len(a))[:, None]).any(1).float().mean().item()


for epoch in range(EPOCHS):
    perm = torch.randperm(len(en)).tolist()
    run = 0.0
    n = 0
    for s in range(0, len(perm) - B + 1, B):
        ids = perm[s:s + B]
        a = left(*bag([en[i] for i in ids]))
        b = right(*bag([fr[i] for i in ids]))
        logits = log_scale.exp().clamp(max=50) * (a @ b.t())
        gold = torch.arange(B)
        loss = 0.5 * (F.cross_entropy(logits, gold) + F.cross_entropy(logits.t(), gold))
        opt_tables.zero_grad()
        opt_scale.zero_grad()
        loss.backward()
        opt_tables.step()
        opt_scale.step()
        sched.step()
        run += loss.item()
        n += 1
    print(f"epoch {epoch}: loss {run / n:.4f}  scale {log_scale.exp().item():.1f}  "
          f"val R@1 {recall(val_en, val_fr, 1):.3f}  R@10 {recall(val_en, val_fr, 10):.3f}")
print(f"(same number of training captions: R@1 {recall(en[:1014], fr[:1014], 1):.3f})")
