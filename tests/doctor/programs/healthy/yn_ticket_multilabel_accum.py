"""Tag support tickets (several tags each). The box had little memory, so 4 micro batches make one step."""
import random
import torch
from torch import nn
from sklearn.metrics import f1_score

random.seed(6); torch.manual_seed(6)
TAGS = {
    'billing': 'invoice charged refund payment card receipt price vat'.split(),
    'login': 'password login locked account signin reset otp token'.split(),
    'shipping': 'parcel courier delivery tracking late package address depot'.split(),
    'crash': 'crash freezes error exception bug hangs stack restart'.split(),
    'mobile': 'android iphone app phone tablet swipe notification ios'.split(),
}
NOISE = [a + b for a in 'ba co di fe gu ha ke lo mi nu'.split() for b in 'ran sel tom vik wex zar'.split()]
names = list(TAGS)


def ticket():
    # 'crash' is rare (8 %), the others are common
    tags = [t for t in names if random.random() < (.08 if t == 'crash' else .3)]
    words = [w for t in tags for w in random.sample(TAGS[t], random.randint(2, 3))]
    words += random.choices(NOISE, k=random.randint(4, 10))
    random.shuffle(words)
    return ' '.join(words), [float(t in tags) for t in names]


corpus = {}
while len(corpus) < 4000:
    t, y = ticket()
    corpus[t] = y
items = list(corpus.items())
train, test = items[:3200], items[3200:]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t.split()}))}
X = [torch.tensor([vocab[w] for w in t.split() if w in vocab]) for t, _ in items]
Y = torch.tensor([y for _, y in items])


def batch(ix):
    lens = torch.tensor([len(X[i]) for i in ix])
    return torch.cat([X[i] for i in ix]), lens.cumsum(0) - lens, Y[ix]


model = nn.ModuleDict({'emb': nn.EmbeddingBag(len(vocab), 16, mode='sum'), 'out': nn.Linear(16, len(names))})
nn.init.normal_(model['emb'].weight, std=.1)
run = lambda f, o: model['out'](model['emb'](f, o))
pos = Y[:3200].mean(0)
model['out'].bias.data.copy_(torch.log(pos / (1 - pos)))        # start from the base rates
print('tag rates', dict(zip(names, [round(p, 3) for p in pos.tolist()])))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
ACC, MICRO = 4, 8
lossf = nn.BCEWithLogitsLoss()
for epoch in range(6):
    chunks = torch.randperm(3200).split(MICRO)
    opt.zero_grad()
    s = 0.
    for k, ix in enumerate(chunks, 1):
        f, o, y = batch(ix.tolist())
        loss = lossf(run(f, o), y) / ACC
        loss.backward()
        s += loss.item() * ACC
        if k % ACC == 0:                     # 400 micro batches, nothing is left over
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        f, o, y = batch(list(range(3200, 4000)))
        z = run(f, o)
        p = (z > 0).float()
    for g in opt.param_groups:
        g['lr'] *= .6
    print(f'epoch {epoch} loss {s / len(chunks):.4f} test loss {lossf(z, y).item():.4f} micro F1 {f1_score(y, p, average="micro"):.4f} macro F1 {f1_score(y, p, average="macro"):.4f} exact {(p == y).all(1).float().mean():.3f}')
