# makemore-style character model (Bengio 2003): MLP over the last 4 characters of English Tatoeba sentences
import os, gzip, math, random
import torch
import torch.nn.functional as F

random.seed(2147483647 % 1000)
g = torch.Generator().manual_seed(2147483647)
sents = set()
with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/tatoeba-fra-eng/fra.txt.gz'), 'rt', encoding='utf-8') as f:
    for k, line in enumerate(f):
        if 20000 <= k < 40000:
            sents.add(line.split('\t')[0].lower())
sents = sorted(sents); random.shuffle(sents)
sents = sents[:3600]
chars = sorted(set(''.join(sents)))
stoi = {c: i + 1 for i, c in enumerate(chars)}; stoi['\n'] = 0
itos = {i: c for c, i in stoi.items()}
V, block_size = len(stoi), 4

def build_dataset(ws):
    X, Y = [], []
    for w in ws:
        context = [0] * block_size
        for ch in w + '\n':
            X.append(context); Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)

n1 = int(0.85 * len(sents))
Xtr, Ytr = build_dataset(sents[:n1])
Xdev, Ydev = build_dataset(sents[n1:])
p = torch.bincount(Ytr, minlength=V) + 1.0
print('%d train / %d dev characters, unigram dev nll %.3f' % (len(Ytr), len(Ydev), -(p / p.sum()).log()[Ydev].mean()))

n_embd, n_hidden = 10, 80
C = torch.randn((V, n_embd), generator=g)
W1 = torch.randn((n_embd * block_size, n_hidden), generator=g) * (5 / 3) / (n_embd * block_size) ** 0.5
b1 = torch.randn(n_hidden, generator=g) * 0.01
W2 = torch.randn((n_hidden, V), generator=g) * 0.01
b2 = torch.zeros(V)
parameters = [C, W1, b1, W2, b2]
for q in parameters:
    q.requires_grad = True
print(sum(q.nelement() for q in parameters), 'parameters')

def logits_of(X):
    h = torch.tanh(C[X].view(len(X), -1) @ W1 + b1)
    return h @ W2 + b2

max_steps, batch_size = 2600, 128
for i in range(max_steps):
    ix = torch.randint(0, len(Xtr), (batch_size,), generator=g)
    loss = F.cross_entropy(logits_of(Xtr[ix]), Ytr[ix])
    for q in parameters:
        q.grad = None
    loss.backward()
    lr = 0.3 if i < 1300 else (0.1 if i < 2100 else 0.02)      # step learning rate decay
    for q in parameters:
        q.data += -lr * q.grad
    if i % 400 == 0:
        print(f'{i:5d}/{max_steps}: {loss.item():.4f}')

with torch.no_grad():
    for name, (x, y) in {'train': (Xtr[:20000], Ytr[:20000]), 'dev': (Xdev, Ydev)}.items():
        out = logits_of(x)
        print(name, 'nll %.4f' % F.cross_entropy(out, y).item(), 'next char acc %.3f' % (out.argmax(1) == y).float().mean().item())
    for _ in range(3):
        out, context = [], [0] * block_size
        while len(out) < 60:
            ch = torch.multinomial(F.softmax(logits_of(torch.tensor([context])), 1), 1, generator=g).item()
            if ch == 0:
                break
            out.append(itos[ch]); context = context[1:] + [ch]
        print('  >', ''.join(out))
