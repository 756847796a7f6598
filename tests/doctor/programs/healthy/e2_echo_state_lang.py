"""Language identification on Multi30k captions with an echo state network: the reservoir is drawn once and never trained, only the readout is."""
import gzip, os
import numpy as np
import torch

torch.manual_seed(0)
rng = np.random.default_rng(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
lines = {}
for lang in LANGS:
    with gzip.open(f"{ROOT}/val.{lang}.gz", "rt", encoding="utf-8") as f:
        lines[lang] = [l.strip().lower() for l in f]
n = len(lines["en"])
perm = rng.permutation(n)
fit, held = perm[:800], perm[800:]              # split by caption, so that no caption is on both sides
MAXC = 60
alphabet = sorted({c for l in LANGS for i in fit for c in lines[l][i]})
cid = {c: i for i, c in enumerate(alphabet)}

HID = 200
W_in = torch.empty(len(alphabet), HID).uniform_(-.6, .6)
W = torch.randn(HID, HID) * (torch.rand(HID, HID) < .1)
W *= 0.9 / torch.linalg.eigvals(W).abs().max()
LEAK = 0.5


@torch.no_grad()
def reservoir(texts):
    """time-major loop; states after the end of a text are left out of the average"""
    ids = [[cid[c] for c in t[:MAXC] if c in cid] for t in texts]
    lens = torch.tensor([len(i) for i in ids])
    T, B = int(lens.max()), len(ids)
    h, acc = torch.zeros(B, HID), torch.zeros(B, 2 * HID)
    x = torch.zeros(T, B, dtype=torch.long)
    for b, i in enumerate(ids):
        x[:len(i), b] = torch.tensor(i)
    for t in range(T):
        new = torch.tanh(W_in[x[t]] + h @ W.T)
        h = (1 - LEAK) * h + LEAK * new
        live = (t < lens).float().unsqueeze(1)
        acc += live * torch.cat([h, h * h], 1)
    return acc / lens.unsqueeze(1)


def build(idx):
    X = torch.cat([reservoir([lines[l][i] for i in idx]) for l in LANGS])
    y = torch.arange(4).repeat_interleave(len(idx))
    return X, y


Xtr, ytr = build(fit)
Xdv, ydv = build(held)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd
readout = torch.zeros(2 * HID + 1, 4, requires_grad=True)
add1 = lambda X: torch.cat([X, torch.ones(len(X), 1)], 1)
Xtr, Xdv = add1(Xtr), add1(Xdv)
opt = torch.optim.SGD([readout], lr=0.05, momentum=0.9)
for epoch in range(20):
    tot = 0
    for b in torch.randperm(len(Xtr)).split(100):
        loss = torch.nn.functional.cross_entropy(Xtr[b] @ readout, ytr[b]) + 1e-3 * readout.square().sum()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    if epoch % 4 == 3:
        with torch.no_grad():
            print(f"epoch {epoch + 1:2d} loss {tot / 32:.4f} train {((Xtr @ readout).argmax(1) == ytr).float().mean():.4f} "
                  f"dev {((Xdv @ readout).argmax(1) == ydv).float().mean():.4f}")
