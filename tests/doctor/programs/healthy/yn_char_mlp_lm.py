"""Names-style character model (a la Bengio 2003 / makemore part 3) but on English Tatoeba sentences.
No nn.Module at all: plain tensors, manual SGD update, step decay by hand."""
import gzip, os, itertools
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2147483647)
path = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/tatoeba-fra-eng/fra.txt.gz')
with gzip.open(path, 'rt', encoding='utf-8') as f:
    sents = sorted({l.split('\t')[0].lower() for l in itertools.islice(f, 9000, 27000)})
perm = torch.randperm(len(sents), generator=g).tolist()
sents = [sents[i] for i in perm]
chars = ['.'] + sorted({c for s in sents for c in s if c.isalpha() and c.isascii() or c in " ',?!"})
stoi = {c: i for i, c in enumerate(chars)}
V, block = len(chars), 5

def build(part):
    X, Y = [], []
    for s in part:
        ctx = [0] * block                      # '.' both starts and ends a sentence
        for c in [*s.rstrip('.'), '.']:
            if c not in stoi:
                continue
            X.append(ctx); Y.append(stoi[c])
            ctx = ctx[1:] + [stoi[c]]
    return torch.tensor(X), torch.tensor(Y)

n = int(len(sents) * .9)
Xtr, Ytr = build(sents[:n]); Xva, Yva = build(sents[n:])
print(len(sents), 'sentences', tuple(Xtr.shape), tuple(Xva.shape), 'vocab', V)

d, h = 10, 96
C = torch.randn((V, d), generator=g)
W1 = torch.randn((d * block, h), generator=g) * (5 / 3) / (d * block) ** .5
b1 = torch.zeros(h)
W2 = torch.randn((h, V), generator=g) * 0.05
b2 = torch.zeros(V)
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad = True

def nll(X, Y):
    x = C[X].view(X.shape[0], -1)
    return F.cross_entropy(torch.tanh(x @ W1 + b1) @ W2 + b2, Y)

@torch.no_grad()
def show(tag):
    print(f'{tag:>6}  train {nll(Xtr[:40000], Ytr[:40000]).item():.4f}  val {nll(Xva, Yva).item():.4f}')

counts = torch.bincount(Ytr, minlength=V).float()
print(f'unigram val nll {-(counts / counts.sum()).clamp_min(1e-9).log()[Yva].mean().item():.4f}')
steps, vel = 3500, [torch.zeros_like(p) for p in params]
for i in range(steps):
    ix = torch.randint(0, len(Xtr), (128,), generator=g)
    loss = nll(Xtr[ix], Ytr[ix])
    for p in params:
        p.grad = None
    loss.backward()
    lr = 0.1 if i < 2200 else 0.02 if i < 2900 else 0.004
    with torch.no_grad():
        for p, v in zip(params, vel):
            v.mul_(0.8).add_(p.grad)
            p -= lr * v
    if i % 500 == 499:
        show(i + 1)

for _ in range(5):
    ctx, out = [0] * block, ''
    while len(out) < 40:
        with torch.no_grad():
            x = C[torch.tensor([ctx])].view(1, -1)
            p = F.softmax(torch.tanh(x @ W1 + b1) @ W2 + b2, 1)
        j = torch.multinomial(p, 1, generator=g).item()
        if j == 0:
            break
        out += chars[j]; ctx = ctx[1:] + [j]
    print('  >', out)
