# Where does this passage come from?  Mean of fixed GloVe vectors, full-batch L-BFGS on a linear layer.
# The vectors stay as they are on purpose: there are far fewer passages than words.
import gzip, itertools, os, re
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
D = os.environ['WORDFIT_DATA']
vec = {}
with gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8') as f:
    for line in f:
        w, *v = line.rstrip().split(' ')
        vec[w] = np.array(v, dtype=np.float32)
words = {w: i for i, w in enumerate(vec)}
table = nn.Embedding.from_pretrained(torch.from_numpy(np.stack(list(vec.values()))), freeze=True)

sources = ['brown', 'reuters-21578-bodies', 'imdb-unsup-25k', 'enwiki-2018-sample']
SPAN, N = 40, 600
X, y, seen = [], [], set()
for label, name in enumerate(sources):
    count = 0
    with gzip.open(f'{D}/corpora/{name}.txt.gz', 'rt', encoding='utf8') as f:
        buf = []
        for line in itertools.islice(f, 400, None):
            line = re.sub(r'<br />', ' ', line)
            buf += [words[w] for w in re.findall(r'[a-z]+', line.lower()) if w in words]
            if len(buf) >= SPAN:
                key = tuple(buf[:SPAN])
                if key not in seen:
                    seen.add(key); X.append(key); y.append(label); count += 1
                buf = []
            if count == N:
                break
X, y = torch.tensor(X), torch.tensor(y)      # every passage is exactly 40 known words: no padding anywhere
perm = torch.randperm(len(X))
cut = int(.75 * len(X))
tr, te = perm[:cut], perm[cut:]
feats = table(X).mean(1)
mu, sd = feats[tr].mean(0), feats[tr].std(0)
feats = (feats - mu) / sd

clf = nn.Linear(50, len(sources))
nn.init.zeros_(clf.weight); nn.init.zeros_(clf.bias)      # convex problem, zero start is fine
ce = nn.CrossEntropyLoss()
opt = torch.optim.LBFGS(clf.parameters(), lr=1, max_iter=10, line_search_fn='strong_wolfe')


def closure():
    opt.zero_grad()
    loss = ce(clf(feats[tr]), y[tr]) + 2e-3 * clf.weight.pow(2).sum()
    loss.backward()
    return loss


for rnd in range(6):
    loss = opt.step(closure)
    with torch.no_grad():
        acc = {k: (clf(feats[i]).argmax(1) == y[i]).float().mean().item() for k, i in (('train', tr), ('test', te))}
    print('round', rnd, 'objective %.4f' % loss.item(), {k: round(v, 4) for k, v in acc.items()})
with torch.no_grad():
    conf = torch.zeros(4, 4, dtype=torch.long)
    for a, b in zip(y[te].tolist(), clf(feats[te]).argmax(1).tolist()):
        conf[a, b] += 1
print(conf)
