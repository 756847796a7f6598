# Restore capital letters in lower-cased German captions (nouns!): per-token binary tagging.
# Words -> hashed suffixes; a bidirectional GRU on packed sequences. Loss is averaged over real tokens only.
import gzip, os, re, zlib
import numpy as np, torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

torch.manual_seed(3); rs = np.random.RandomState(3)
D = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"


def get(fn, n):
    res = []
    for l in gzip.open(D + fn, "rt", encoding="utf-8"):
        toks = re.findall(r"[^\W\d_]+", l)[1:]          # the first word is always capital, leave it out
        if len(toks) >= 3: res.append(toks)
        if len(res) == n: break
    return res


H = 4000
def feats(tok):
    t = tok.lower()
    return [zlib.crc32(t.encode()) % H, H + zlib.crc32(t[-3:].encode()) % H]


def encode(sents):
    return [(torch.tensor([feats(t) for t in s]), torch.tensor([float(t[0].isupper()) for t in s])) for s in sents]


raw = get("train.de.gz", 1800)
keys = {" ".join(s).lower() for s in raw}
tr = encode(raw)
va = encode([s for s in get("val.de.gz", 350) if " ".join(s).lower() not in keys])

E_ = torch.nn.EmbeddingBag(2 * H, 24, mode="sum")
rnn = torch.nn.GRU(24, 24, bidirectional=True)
top = torch.nn.Linear(48, 1)
ps = [*E_.parameters(), *rnn.parameters(), *top.parameters()]
torch.nn.init.normal_(E_.weight, std=.2)
opt = torch.optim.Adam(ps, lr=8e-3)


def net(xs):
    lens = [len(x) for x in xs]
    e = E_(torch.cat(xs))
    packed = pack_sequence(list(e.split(lens)), enforce_sorted=False)
    h, _ = pad_packed_sequence(rnn(packed)[0], batch_first=True)
    return torch.cat([top(h[i, :n]).view(-1) for i, n in enumerate(lens)])


def f1(rows):
    with torch.no_grad():
        z = net([x for x, _ in rows]) > 0
    y = torch.cat([t for _, t in rows]) > .5
    tp = (z & y).sum().item()
    return 2 * tp / (z.sum().item() + y.sum().item()), (z == y).float().mean().item(), y.float().mean().item()


B = 50
for ep in range(4):
    order = rs.permutation(len(tr)); s = 0
    for i in range(0, len(order), B):
        rows = [tr[j] for j in order[i:i + B]]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net([r[0] for r in rows]), torch.cat([r[1] for r in rows]))
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    for g in opt.param_groups: g["lr"] *= .45
    f, a, base = f1(va)
    print("ep %d  loss %.4f | val F1 %.4f acc %.4f (%.2f are capital) | train F1 %.4f" % (ep, s / (len(tr) / B), f, a, base, f1(tr[:500])[0]))
