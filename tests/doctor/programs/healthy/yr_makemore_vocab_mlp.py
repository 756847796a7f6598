# makemore part 2, but on the words of a GloVe vocabulary instead of names
import gzip, os, random
import torch
import torch.nn.functional as F

raw = gzip.open(os.environ['WORDFIT_DATA'] + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8')
words = [w for w in (l[:l.index(' ')] for l in raw) if w.isalpha() and w.isascii() and w.islower() and 4 <= len(w) <= 9]
random.seed(42)
random.shuffle(words)
chars = sorted(set(''.join(words)))
stoi = {s: i + 1 for i, s in enumerate(chars)}
stoi['.'] = 0
block_size = 3


def build_dataset(words):
    X, Y = [], []
    for w in words:
        context = [0] * block_size
        for ch in w + '.':
            ix = stoi[ch]
            X.append(context)
            Y.append(ix)
            context = context[1:] + [ix]
    return torch.tensor(X), torch.tensor(Y)


n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
Xtr, Ytr = build_dataset(words[:n1])
Xdev, Ydev = build_dataset(words[n1:n2])
Xte, Yte = build_dataset(words[n2:])
print(len(words), 'words', Xtr.shape, Xdev.shape, Xte.shape)

g = torch.Generator().manual_seed(2147483647)
C = torch.randn((27, 10), generator=g)
W1 = torch.randn((30, 64), generator=g) * (5 / 3) / 30 ** 0.5
b1 = torch.randn(64, generator=g) * 0.01
W2 = torch.randn((64, 27), generator=g) * 0.01
b2 = torch.zeros(27)
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True

max_steps, batch = 2400, 128
for i in range(max_steps):
    ix = torch.randint(0, Xtr.shape[0], (batch,), generator=g)
    h = torch.tanh(C[Xtr[ix]].view(-1, 30) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Ytr[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    lr = 0.25 if i < 1400 else 0.08 if i < 2000 else 0.02
    for p in parameters:
        p.data += -lr * p.grad
    if i % 400 == 0:
        print(f'{i:7d}/{max_steps:7d}: {loss.item():.4f}')


@torch.no_grad()
def split_loss(split):
    x, y = {'train': (Xtr, Ytr), 'val': (Xdev, Ydev), 'test': (Xte, Yte)}[split]
    h = torch.tanh(C[x].view(-1, 30) @ W1 + b1)
    print(split, round(F.cross_entropy(h @ W2 + b2, y).item(), 4))


freq = torch.bincount(Ytr, minlength=27).float() / len(Ytr)
print('unigram', round(-freq[Ydev].log().mean().item(), 4))
for s in ('train', 'val', 'test'):
    split_loss(s)
for _ in range(6):
    out, context = '', [0] * block_size
    while len(out) < 20:
        with torch.no_grad():
            probs = F.softmax(torch.tanh(C[torch.tensor([context])].view(1, -1) @ W1 + b1) @ W2 + b2, dim=1)
        ix = torch.multinomial(probs, 1, generator=g).item()
        if ix == 0:
            break
        out += chars[ix - 1]
        context = context[1:] + [ix]
    print(out)
