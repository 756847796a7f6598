# Topic of short glossary entries. The training part is small, so most test words only exist in GloVe:
# fine-tune the published vectors gently, keep the whole table for later words.
import gzip, os, random
import numpy as np, torch, torch.nn as nn
from collections import defaultdict

rng = random.Random(5)
np.random.seed(5); torch.manual_seed(5)

seeds = {'place': 'germany france japan london paris italy spain canada'.split(),
         'sport': 'football basketball tennis hockey baseball coach championship cup'.split(),
         'health': 'disease hospital medical doctor patients drug cancer treatment'.split(),
         'money': 'bank stock market shares profit investors price dollar'.split(),
         'music': 'album song band guitar music pop singer rock'.split()}

words, rows = [], []
with gzip.open(os.environ['WORDFIT_DATA'] + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as fh:
    for n, line in enumerate(fh):
        if n == 7000:
            break
        w, *v = line.split()
        words.append(w); rows.append(np.array(v, dtype=np.float32))
G = np.stack(rows)
idx = {w: i for i, w in enumerate(words)}
unit = G / np.linalg.norm(G, axis=1, keepdims=True)

# lexicon of every topic: the nearest words of its centre
cent = np.stack([unit[[idx[w] for w in s]].mean(0) for s in seeds.values()])
sim = unit @ (cent / np.linalg.norm(cent, axis=1, keepdims=True)).T
best = sim.argmax(1)
lex = defaultdict(list)
for k in range(len(seeds)):
    order = [i for i in np.argsort(-sim[:, k]) if best[i] == k][:90]
    rng.shuffle(order)
    lex[k] = (order[:30], order[30:])          # words of the training entries, words of new entries
general = list(range(40, 400))
general = [i for i in general if sim[i].max() < 0.55]
cut = len(general) // 2

def entry(k, new):
    gen = general[cut:] if new else general[:cut]
    return [rng.choice(lex[k][new]) for _ in range(rng.randint(3, 5))] + [rng.choice(gen) for _ in range(3)]

def make(n, new):
    ys = [rng.randrange(len(seeds)) for _ in range(n)]
    return [entry(k, new) for k in ys], torch.tensor(ys)

Xtr, ytr = make(2500, 0)
Xsame, ysame = make(500, 0)
Xnew, ynew = make(800, 1)

def bag(X):
    return torch.tensor([i for x in X for i in x]), torch.tensor([0] + [len(x) for x in X[:-1]]).cumsum(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(torch.from_numpy(G.copy()), freeze=False, mode='mean')
        self.hidden = nn.Linear(50, 40)
        self.top = nn.Linear(40, len(seeds))
    def forward(self, ids, off):
        return self.top(torch.relu(self.hidden(self.words(ids, off))))

net = Net()
# fault:
sgd = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.9, weight_decay=5e-3)
# mended:
# rest = [p for n, p in net.named_parameters() if not n.startswith('words')]
# sgd = torch.optim.SGD([{'params': rest, 'weight_decay': 5e-3}, {'params': net.words.weight, 'weight_decay': 0.0}], lr=0.15, momentum=0.9)
# end
ce = nn.CrossEntropyLoss()

def acc(X, y):
    net.eval()
    with torch.no_grad():
        return (net(*bag(X)).argmax(1) == y).float().mean().item()

for epoch in range(5):
    net.train()
    order = torch.randperm(len(Xtr)).tolist()
    s = 0
    for i in range(0, len(order), 20):
        b = order[i:i + 20]
        loss = ce(net(*bag([Xtr[j] for j in b])), ytr[b])
        sgd.zero_grad(); loss.backward(); sgd.step()
        s += loss.item() * len(b)
    print('epoch', epoch, 'loss %.4f' % (s / len(order)), 'entries with known words %.3f' % acc(Xsame, ysame),
          'entries with new words %.3f' % acc(Xnew, ynew),
          'mean length of a vector %.2f' % net.words.weight.norm(dim=1).mean().item())
