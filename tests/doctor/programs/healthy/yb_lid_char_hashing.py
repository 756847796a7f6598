# Port of our old fastText command line job:
#   fasttext supervised -input langs.txt -lr 0.5 -epoch 5 -minn 1 -maxn 3 -bucket 20000 -dim 16
# Language identification, four languages, Multi30k captions. Rows are hashed so there is no vocabulary file at all.
import gzip
import os
import random
import zlib

import numpy as np
import torch
import torch.nn.functional as F

DIM, BUCKETS, LR, EPOCHS, MINN, MAXN = 16, 20000, 0.5 * 8, 5, 1, 3   # lr times 8: eight rows a step here, one there
LANGS = ["en", "de", "fr", "cs"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
random.seed(11)
torch.manual_seed(11)


def read(split, lang, start, n):
    with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        lines = [l.strip().lower() for l in f]
    return lines[start:start + n]


def ngrams(text):
    # only the first words are looked at: an identifier has to work on short snippets
    ids = []
    for w in text.split()[:5]:
        w = f"<{w}>"
        for n in range(MINN, MAXN + 1):
            for i in range(len(w) - n + 1):
                ids.append(zlib.crc32(w[i:i + n].encode("utf-8")) % BUCKETS)
    return np.array(ids, dtype=np.int64)


# every language takes a different stretch of the parallel corpus, so no caption is seen in two tongues
train = [(ngrams(s), y) for y, l in enumerate(LANGS) for s in read("train", l, y * 600, 600)]
test = [(ngrams(s), y) for y, l in enumerate(LANGS) for s in read("val", l, y * 250, 250)]
train = [r for r in train if len(r[0])]
test = [r for r in test if len(r[0])]

wi = torch.empty(BUCKETS, DIM).uniform_(-1 / DIM, 1 / DIM).requires_grad_()
wo = torch.zeros(len(LANGS), DIM, requires_grad=True)      # fastText starts its output matrix with zeros, too


def pack(rows):
    flat = torch.from_numpy(np.concatenate([r[0] for r in rows]))
    off = torch.tensor([0] + [len(r[0]) for r in rows[:-1]]).cumsum(0)
    return flat, off, torch.tensor([r[1] for r in rows])


def forward(flat, off):
    return F.embedding_bag(flat, wi, off, mode="mean", sparse=True) @ wo.t()


opt = torch.optim.SGD([wi, wo], lr=LR)
steps_total, step, bs = EPOCHS * ((len(train) + 7) // 8), 0, 8
for ep in range(EPOCHS):
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), bs):
        opt.param_groups[0]["lr"] = LR * (1 - step / steps_total)
        flat, off, y = pack(train[i:i + bs])
        loss = F.cross_entropy(forward(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(y)
        step += 1
    with torch.no_grad():
        f, o, y = pack(test)
        pred = forward(f, o).argmax(1)
    print(f"epoch {ep + 1}  avg.loss {run / len(train):.4f}  P@1 {(pred == y).float().mean():.3f}")
conf = torch.zeros(4, 4, dtype=torch.long)
conf.index_put_((y, pred), torch.ones_like(y), accumulate=True)
print("confusion (rows: truth)", LANGS)
print(conf.numpy())
