"""Siamese regression on STS-B: frozen GloVe, a shared projection, [|u-v|, u*v] -> score in 0..1.

The best dev checkpoint is written to disk and read back before the test set is touched. EMA of the weights is what gets
evaluated.
"""
import copy, csv, gzip, os, re, tempfile
import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(31); np.random.seed(31)
DATA = os.environ["WORDFIT_DATA"]
tok = re.compile(r"[a-z]+|\d+|[?!]").findall


def read(path, header=True):
    out = []
    for line in open(path, encoding="utf-8").read().split("\n")[1 if header else 0:]:
        p = line.rstrip("\r").split("\t")
        if header and len(p) >= 10:
            out.append((p[7].lower(), p[8].lower(), float(p[9]) / 5))
        elif not header and len(p) >= 7:
            out.append((p[5].lower(), p[6].lower(), float(p[4]) / 5))
    return out


train = read(f"{DATA}/glue/STS-B/train.tsv")
dev = read(f"{DATA}/glue/STS-B/dev.tsv")
test = read(f"{DATA}/glue/STS-B/original/sts-test.tsv", header=False)
held = {s for a, b, _ in dev + test for s in (a, b)}
before = len(train)
train = [r for r in train if r[0] not in held and r[1] not in held]
devs = {s for a, b, _ in dev for s in (a, b)}
test = [r for r in test if r[0] not in devs and r[1] not in devs]
print(f"train {len(train)} (dropped {before - len(train)} that share a sentence with dev/test), dev {len(dev)}, test {len(test)}")

vecs = {}
for line in gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, v = line.split(" ", 1)
    vecs[w] = v
df = {}
for a, b, _ in train:
    for w in set(tok(a)) | set(tok(b)):
        df[w] = df.get(w, 0) + 1
vecs = {w: np.array(v.split(), dtype=np.float32) for w, v in vecs.items()}
common = np.mean([vecs[w] for w in list(vecs)[:3000]], 0)


def embed(s):
    """SIF-weighted mean, sentences without any known word fall back to the mean vector"""
    ws = [(vecs[w] - common, 0.01 / (0.01 + df.get(w, 1) / len(train))) for w in tok(s) if w in vecs]
    return sum(v * c for v, c in ws) / sum(c for _, c in ws) if ws else np.zeros(50, np.float32)


def tensors(rows):
    f = lambda k: torch.tensor(np.stack([embed(r[k]) for r in rows]), dtype=torch.float32)
    return f(0), f(1), torch.tensor([r[2] for r in rows])


class Siamese(nn.Module):
    def __init__(self, d=50, h=64):
        super().__init__()
        self.proj = nn.Linear(d, h)
        nn.init.orthogonal_(self.proj.weight)
        self.head = nn.Sequential(nn.LayerNorm(2 * h + 1), nn.Dropout(0.2), nn.Linear(2 * h + 1, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, a, b):
        u, v = torch.tanh(self.proj(a)), torch.tanh(self.proj(b))
        cos = torch.cosine_similarity(u, v, dim=1, eps=1e-6)[:, None]
        return self.head(torch.cat([(u - v).abs(), u * v, 3 * cos], 1)).squeeze(1)


def score(model, split):
    model.eval()
    with torch.no_grad():
        p = model(split[0], split[1]).numpy()
    return pearsonr(p, split[2].numpy())[0], spearmanr(p, split[2].numpy())[0]


tr, dv, te = tensors(train), tensors(dev), tensors(test)
model = Siamese()
ema = copy.deepcopy(model).requires_grad_(False)
opt = torch.optim.AdamW(model.parameters(), lr=1.5e-3, weight_decay=0.02)
ckpt, best = os.path.join(tempfile.mkdtemp(), "best.pt"), -1
for ep in range(5):
    model.train()
    tot = 0
    for i in torch.randperm(len(tr[2])).split(64):
        loss = nn.functional.mse_loss(model(tr[0][i], tr[1][i]), tr[2][i])
        opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
        with torch.no_grad():
            for e, p in zip(ema.parameters(), model.parameters()):
                e.lerp_(p, 0.02)
        tot += loss.item() * len(i)
    r, rho = score(ema, dv)
    if r > best:
        best = r
        torch.save({"ema": ema.state_dict(), "epoch": ep}, ckpt)
    print(f"epoch {ep} mse {tot / len(tr[2]):.4f} train r {score(ema, tr)[0]:.3f} dev r {r:.3f} rho {rho:.3f}")
state = torch.load(ckpt)
ema.load_state_dict(state["ema"])
print("restored epoch", state["epoch"], "test pearson %.3f spearman %.3f" % score(ema, te))
