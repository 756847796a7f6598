# French or English? Letters only, a bank of matched filters over the letter
# vectors and the peak response of each - the way we detect pulses.
import gzip
import os

import torch

torch.manual_seed(31)
DATA = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
ALPHABET = " abcdefghijklmnopqrstuvwxyz'"
CODE = {c: i + 1 for i, c in enumerate(ALPHABET)}
SPAN = 16


def letters(s):
    return "".join(c for c in s.lower() if c in CODE)


english, french = set(), set()
with gzip.open(DATA, "rt", encoding="utf-8") as f:
    for n, line in enumerate(f):
        if n < 30000:
            continue
        en, fr = line.rstrip("\n").split("\t")[:2]
        if n % 8 == 0:
            english.add(letters(en)[2:2 + SPAN].strip())
            french.add(letters(fr)[2:2 + SPAN].strip())
        if n > 60000:
            break
both = english & french
pool = [(s, 0) for s in sorted(english - both) if len(s) > 7] + [(s, 1) for s in sorted(french - both) if len(s) > 7]
pool = [pool[i] for i in torch.randperm(len(pool)).tolist()][:5000]
ids = torch.zeros(len(pool), SPAN, dtype=torch.long)
for r, (s, _) in enumerate(pool):
    ids[r, :len(s)] = torch.tensor([CODE[c] for c in s])
lang = torch.tensor([float(k) for _, k in pool])
held = 1000
print("pieces", len(pool), "share french %.3f" % lang.mean())

D, TAPS, FILTERS = 10, 3, 32
letter = (0.4 * torch.randn(len(CODE) + 1, D)).requires_grad_()
bank = (torch.randn(TAPS * D, FILTERS) / (TAPS * D) ** 0.5).requires_grad_()
shift = torch.zeros(FILTERS, requires_grad=True)
mixdown = (torch.randn(FILTERS) / FILTERS ** 0.5).requires_grad_()
offset = torch.zeros((), requires_grad=True)
theta = [letter, bank, shift, mixdown, offset]


def detect(x, train=False):
    real = (x > 0).float().unsqueeze(-1)
    v = letter[x] * real
    frames = v.unfold(1, TAPS, 1).transpose(2, 3).flatten(2)        # B, T-2, TAPS*D
    inside = x[:, TAPS - 1:].gt(0).unsqueeze(-1)                    # frames that end inside the text
    r = torch.relu(frames @ bank + shift).masked_fill(~inside, 0.0)
    peak = r.max(dim=1).values
    if train:
        peak = torch.nn.functional.dropout(peak, 0.3)
    return peak @ mixdown + offset


def quality(x, y):
    with torch.no_grad():
        z = detect(x)
    return (torch.nn.functional.binary_cross_entropy_with_logits(z, y).item(),
            ((z > 0).float() == y).float().mean().item())


opt = torch.optim.Adam(theta, lr=0.006)
xt, yt, xh, yh = ids[held:], lang[held:], ids[:held], lang[:held]
for sweep in range(10):
    s = 0.0
    for p in torch.randperm(len(xt)).split(50):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(detect(xt[p], train=True), yt[p])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(p)
    print("sweep %2d  loss %.4f  held-out loss %.4f accuracy %.3f" % (sweep, s / len(xt), *quality(xh, yh)))
print("training accuracy %.3f" % quality(xt, yt)[1])
