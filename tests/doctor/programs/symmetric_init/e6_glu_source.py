"""Functional two-layer network (no nn.Module): newswire / review / caption / mixed prose from bags of hashed words."""
import gzip, math, os, random, re, zlib
import torch
import torch.nn.functional as F

D = os.environ["WORDFIT_DATA"]
FILES = [("newswire", "corpora/reuters-21578-bodies.txt.gz"), ("review", "corpora/imdb-unsup-25k.txt.gz"),
         ("caption", "seq2seq/multi30k/train.en.gz"), ("brown", "corpora/brown.txt.gz")]
BUCKETS, LEN, PER = 2048, 18, 1000
rnd = random.Random(21)
g = torch.Generator().manual_seed(21)


def bucket(w):
    return 1 + zlib.crc32(w.encode()) % (BUCKETS - 1)


rows, seen = [], set()
for label, (_, path) in enumerate(FILES):
    n = 0
    with gzip.open(os.path.join(D, path), "rt", encoding="utf-8", errors="replace") as fh:
        for ln, line in enumerate(fh):
            if label == 3 and ln % 5:
                continue
            w = re.findall(r"[a-z']+", line.lower())[:LEN]
            if len(w) < 5 or tuple(w) in seen:
                continue
            seen.add(tuple(w))
            ids = [bucket(t) for t in w]
            rows.append((ids + [0] * (LEN - len(ids)), label))
            n += 1
            if n == PER:
                break
rnd.shuffle(rows)
X = torch.tensor([r[0] for r in rows])
Y = torch.tensor([r[1] for r in rows])
cut = len(rows) * 4 // 5
Xa, Ya, Xb, Yb = X[:cut], Y[:cut], X[cut:], Y[cut:]

E_DIM, HID, OUT = 32, 48, len(FILES)


def make_params():
    P = {"E": torch.randn(BUCKETS, E_DIM, generator=g) * 0.3}
    for name, (a, b) in {"gate": (E_DIM, HID), "up": (E_DIM, HID), "out": (HID, OUT)}.items():
        # fault:
        P["W_" + name] = torch.full((a, b), 1.0 / math.sqrt(a))
        # mended:
        #P["W_" + name] = torch.randn(a, b, generator=g) / math.sqrt(a)
        # end
        P["b_" + name] = torch.zeros(b)
    for p in P.values():
        p.requires_grad_()
    return P


def forward(P, x, train=False):
    if train:
        x = x * (torch.rand(x.shape) > 0.25)
    m = (x > 0).float()
    bag = (P["E"][x] * m[..., None]).sum(1) / m.sum(1, keepdim=True).clamp(min=1).sqrt()
    if train:
        bag = F.dropout(bag, 0.4)
    h = torch.sigmoid(bag @ P["W_gate"] + P["b_gate"]) * (bag @ P["W_up"] + P["b_up"])
    return h @ P["W_out"] + P["b_out"]


def test(P, x, y):
    with torch.no_grad():
        z = forward(P, x)
        return (z.argmax(1) == y).float().mean().item(), F.cross_entropy(z, y).item()


P = make_params()
opt = torch.optim.Adam(list(P.values()), lr=2e-3)
torch.manual_seed(2)
for epoch in range(1, 7):
    order = torch.randperm(cut, generator=g)
    for k in range(0, cut, 32):
        i = order[k:k + 32]
        loss = F.cross_entropy(forward(P, Xa[i], train=True), Ya[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"[{epoch}] train acc/loss {test(P, Xa, Ya)[0]:.3f} {test(P, Xa, Ya)[1]:.3f}   test acc/loss {test(P, Xb, Yb)[0]:.3f} {test(P, Xb, Yb)[1]:.3f}")
print("classes in test:", torch.bincount(Yb).tolist())
