# French or English? Hashed character n-grams into a small table, no vocabulary kept.
import gzip, os, zlib
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(3)
torch.manual_seed(3)
BUCKETS = 4096
path = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'tatoeba-fra-eng', 'fra.txt.gz')

en, fr = {}, {}
with gzip.open(path, 'rt', encoding='utf-8') as fh:
    for i, line in enumerate(fh):
        if i < 20000:
            continue
        if i > 35000:
            break
        a, b = line.rstrip('\n').split('\t')[:2]
        en[a.lower()] = 0
        fr[b.lower()] = 1
both = set(en) & set(fr)
texts = [(t, 0) for t in en if t not in both] + [(t, 1) for t in fr if t not in both]
texts = [texts[i] for i in rng.permutation(len(texts))[:3000]]


def grams(text):
    s = '^' + text + '$'
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(s) - n + 1)]


# a fixed sparse count matrix, each row divided by its number of grams
r, c, v = [], [], []
for row, (t, _) in enumerate(texts):
    g = grams(t)
    r += [row] * len(g)
    c += g
    v += [1 / len(g)] * len(g)
X = torch.sparse_coo_tensor(torch.tensor([r, c]), torch.tensor(v), (len(texts), BUCKETS)).coalesce()
y = torch.tensor([float(l) for _, l in texts])
cut = 2400
parts = [X.index_select(0, torch.arange(0, cut)), X.index_select(0, torch.arange(cut, len(texts)))]
ys = y[:cut], y[cut:]

W1 = (torch.randn(BUCKETS, 8) * 0.1).requires_grad_()
b1 = torch.zeros(8, requires_grad=True)
w2 = (torch.randn(8) * 0.3).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)
opt = torch.optim.Adam([W1, b1, w2, b2], lr=0.02)


def forward(M):
    return torch.tanh(torch.sparse.mm(M, W1) + b1) @ w2 + b2


for step in range(1, 101):
    opt.zero_grad()
    out = forward(parts[0])
    loss = F.binary_cross_entropy_with_logits(out, ys[0])
    loss.backward()
    opt.step()
    if step % 20 == 0:
        with torch.no_grad():
            held = forward(parts[1])
            print('step %3d  train loss %.4f  held-out loss %.4f  acc %.4f' % (
                step, loss.item(), F.binary_cross_entropy_with_logits(held, ys[1]).item(),
                ((held > 0).float() == ys[1]).float().mean().item()))
with torch.no_grad():
    print('train acc %.4f' % ((forward(parts[0]) > 0).float() == ys[0]).float().mean().item())
