# Which language is it?  Hashed character trigrams, softmax regression, plain SGD written out (no torch.optim).
import gzip, os, zlib
import torch

torch.manual_seed(2)
BUCKETS = 4096
LANGS = ["en", "de", "fr", "cs"]
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def feats(s):
    s = "^" + s.lower()[:40] + "$"
    return sorted({zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)})


def read(split, lo, hi):
    xs, ys = [], []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(folder, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
            for i, line in enumerate(f):
                if i >= hi:
                    break
                if i >= lo:
                    # two words out of each caption are enough to make it not entirely trivial
                    w = line.split()
                    xs.append(feats(" ".join(w[2:4])))
                    ys.append(k)
    return xs, ys


xtr, ytr = read("train", 0, 1500)
xte, yte = read("val", 0, 400)

W = torch.zeros(BUCKETS, len(LANGS), requires_grad=True)
b = torch.zeros(len(LANGS), requires_grad=True)
mass = [torch.zeros_like(W), torch.zeros_like(b)]


def bag(rows):
    flat = torch.tensor([t for r in rows for t in r])
    off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return flat, off


def out(rows):
    flat, off = bag(rows)
    return torch.nn.functional.embedding_bag(flat, W, off, mode="sum") + b


def acc(xs, ys):
    with torch.no_grad():
        return (out(xs).argmax(1) == torch.tensor(ys)).float().mean().item()


step = 0.15
for epoch in range(6):
    perm = torch.randperm(len(xtr)).tolist()
    tot = 0.0
    for k in range(0, len(perm), 50):
        part = perm[k:k + 50]
        z = out([xtr[i] for i in part])
        t = torch.tensor([ytr[i] for i in part])
        nll = (torch.logsumexp(z, 1) - z.gather(1, t[:, None])[:, 0]).mean()
        gW, gb = torch.autograd.grad(nll, (W, b))
        with torch.no_grad():
            for p, g, m in ((W, gW, mass[0]), (b, gb, mass[1])):
                m.mul_(0.9).add_(g)
                p.sub_(step * (m + 2e-4 * p))
        tot += nll.item() * len(part)
    step *= 0.8
    print(f"pass {epoch}  nll {tot / len(perm):.4f}  train {acc(xtr, ytr):.3f}  val {acc(xte, yte):.3f}")
