# SST-2 phrases: fixed word2vec, two pooled statistics per text, one softmax layer trained with huge batches.
# SGD + Nesterov momentum, linear warm-up over the first tenth of the updates, then linear decay.
import os, gzip
import numpy as np
import torch

D = os.environ['WORDFIT_DATA']
torch.manual_seed(0); np.random.seed(0)

raw = {}
with gzip.open(D + '/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    n, dim = map(int, f.readline().split())
    for line in f:
        w, v = line.rstrip('\n').split(' ', 1)
        raw[w] = v                      # parsed only when a text asks for it
vec = {}


def get(w):
    if w not in vec:
        vec[w] = np.array(raw[w].split(), dtype=np.float32)
    return vec[w]


def load(name):
    texts, labels = [], []
    with open(f'{D}/glue/SST-2/{name}.tsv', encoding='utf-8') as f:
        next(f)
        for line in f:
            t, y = line.rstrip('\n').split('\t')
            texts.append(t.split()); labels.append(int(y))
    return texts, np.array(labels)


def stats(tokens):
    m = [get(t) for t in tokens if t in raw]
    if not m:
        return None
    m = np.stack(m)
    return np.concatenate([m.mean(0), np.abs(m).max(0)])


def features(texts, labels):
    xs, ys = [], []
    for t, y in zip(texts, labels):
        s = stats(t)
        if s is not None:               # nothing known in it: leave the row out of training
            xs.append(s); ys.append(y)
    return torch.from_numpy(np.stack(xs)), torch.tensor(ys)


tx, ty = load('train')
keep = [i for i, t in enumerate(tx) if len(t) >= 8]
keep = np.random.permutation(keep)[:10000]
Xtr, Ytr = features([tx[i] for i in keep], ty[keep])
Xdv, Ydv = features(*load('dev'))
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd
print('train', tuple(Xtr.shape), 'dev', tuple(Xdv.shape))

W = torch.zeros(Xtr.shape[1], 2, requires_grad=True)        # convex problem, zeros are a fine start
b = torch.zeros(2, requires_grad=True)
BATCH, EPOCHS = 2500, 15
steps = EPOCHS * -(-len(Xtr) // BATCH)
opt = torch.optim.SGD([{'params': [W], 'weight_decay': 1e-2}, {'params': [b]}], lr=0.03, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.LambdaLR(
    opt, lambda s: min((s + 1) / (0.1 * steps), max(0.0, (steps - s) / (0.9 * steps))))

acc = lambda x, y: ((x @ W + b).argmax(1) == y).float().mean().item()
for ep in range(EPOCHS):
    for idx in torch.randperm(len(Xtr)).split(BATCH):
        loss = torch.nn.functional.cross_entropy(Xtr[idx] @ W + b, Ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
    if ep % 5 == 4:
        with torch.no_grad():
            print(f'epoch {ep+1:2d} loss {loss.item():.4f} lr {sched.get_last_lr()[0]:.3f} '
                  f'train {acc(Xtr, Ytr):.4f} dev {acc(Xdv, Ydv):.4f}')
