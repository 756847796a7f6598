"""Do we need to train the encoder at all? Random, fixed char n-gram features + a linear read-out fitted with L-BFGS."""
import gzip, os, random, zlib
import torch

torch.manual_seed(0); random.seed(0)
root = os.environ["WORDFIT_DATA"] + "/sentiment/umsab-multilingual"
langs = ["french", "italian", "portuguese", "spanish", "german", "english"]


def read(split, cap):
    rows = []
    for k, lang in enumerate(langs):
        with open(f"{root}/{lang}/{split}_text.txt", encoding="utf-8") as f:
            rows += [(line.strip().lower(), k) for line in f][:cap]
    random.shuffle(rows)
    return rows


D, BUCKETS = 768, 2 ** 14
projection = torch.randn(BUCKETS, D) / D ** 0.5                 # never trained
phase = 2 * torch.pi * torch.rand(D)


def features(texts):
    out = torch.empty(len(texts), D)
    for i, text in enumerate(texts):
        words = [f"_{w}_" for w in text.split() if not w.startswith(("@", "http", "#"))] or ["__"]
        grams = [w[j:j + n] for w in words for n in (2, 3) for j in range(len(w) - n + 1)]
        ids = torch.tensor([zlib.crc32(g.encode()) % BUCKETS for g in grams])
        z = projection[ids].sum(0)
        out[i] = torch.cos(2.0 * z / z.norm() * D ** 0.5 / 8 + phase)
    return out


train_rows = read("train", 600)
known = {t for t, _ in train_rows}
dev_rows = [r for r in read("val", 200) if r[0] not in known]
Xtr, ytr = features([t for t, _ in train_rows]), torch.tensor([y for _, y in train_rows])
Xdv, ydv = features([t for t, _ in dev_rows]), torch.tensor([y for _, y in dev_rows])
print("random features", tuple(Xtr.shape), tuple(Xdv.shape))

W = torch.zeros(D, len(langs), requires_grad=True)
b = torch.zeros(len(langs), requires_grad=True)
optimizer = torch.optim.LBFGS([W, b], lr=1, max_iter=12, history_size=10, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(Xtr @ W + b, ytr) + 3e-3 * W.square().sum()
    loss.backward()
    return loss


for outer in range(5):
    loss = optimizer.step(closure)
    with torch.no_grad():
        acc = [((X @ W + b).argmax(1) == y).float().mean().item() for X, y in ((Xtr, ytr), (Xdv, ydv))]
    print(f"L-BFGS round {outer}: objective {loss.item():.4f}, accuracy {acc[0]:.3f} (train) / {acc[1]:.3f} (dev)")
