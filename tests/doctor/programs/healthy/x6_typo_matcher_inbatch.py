# Matches a mistyped word to its dictionary form: one table of hashed letter groups, in-batch contrast.
import gzip
import os
import random
import string
import zlib

import torch
import torch.nn.functional as F

SLOTS, DIM = 3000, 32
rng = random.Random(6)
torch.manual_seed(6)


def typo(w):
    i = rng.randrange(len(w) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return w[:i] + w[i + 1:]
    if kind == 1:
        return w[:i] + w[i + 1] + w[i] + w[i + 2:]
    c = rng.choice(string.ascii_lowercase)
    return w[:i] + c + w[i + (kind == 2):]


def groups(w):
    w = f"<{w}>"
    out = [w[i:i + n] for n in (1, 2, 3) for i in range(len(w) - n + 1)]
    out += [w[i] + "_" + w[i + 2] for i in range(len(w) - 2)]
    return [zlib.crc32(g.encode()) % SLOTS for g in out]


def flat(words):
    ids, off = [], []
    for w in words:
        off.append(len(ids))
        ids.extend(groups(w))
    return torch.tensor(ids), torch.tensor(off)


def make_encoder():
    table = (torch.randn(SLOTS, DIM) * 0.2).requires_grad_()
    turn = torch.eye(DIM).requires_grad_()

    def encode(words):
        ids, off = flat(words)
        s = F.embedding_bag(ids, table, off, mode="sum")
        return F.normalize(s @ turn, dim=1)
    return encode, [table, turn]


def in_batch_loss(a, b, temp=0.1):
    sims = a @ b.T / temp
    own = sims.diagonal()
    return 0.5 * ((sims.logsumexp(1) - own).mean() + (sims.logsumexp(0) - own).mean())


def recall(encode, words):
    """nearest neighbour among all the words of the list"""
    with torch.no_grad():
        q, d = encode([typo(w) for w in words]), encode(words)
        return (torch.cdist(q, d).argmin(1) == torch.arange(len(words))).float().mean().item()


with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    words = [l.split(" ", 1)[0] for l in f]
words = [w for w in words if w.isascii() and w.isalpha() and 5 <= len(w) <= 12]
rng.shuffle(words)
train, dev = words[1000:5000], words[:1000]
encode, params = make_encoder()
print(f"{len(train)} words; untrained recall@1 {recall(encode, dev):.3f}")
opt = torch.optim.Adam(params, lr=5e-3)
decay = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=6)
for epoch in range(6):
    rng.shuffle(train)
    total, steps = 0.0, 0
    for i in range(0, len(train), 100):
        w = train[i:i + 100]
        loss = in_batch_loss(encode([typo(x) for x in w]), encode(w))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    decay.step()
    print(f"epoch {epoch} loss {total / steps:.4f} recall@1 train {recall(encode, train[:1000]):.3f} new words {recall(encode, dev):.3f}")
