# Kim (2014) style CNN: is a piece of text from Wikipedia, a film review or a photo caption?
# (kept as a quick sanity baseline for the group's genre project)
import gzip, itertools, os, re, random
from collections import Counter
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(9); torch.manual_seed(9)
C = os.environ['WORDFIT_DATA']
SOURCES = ['corpora/enwiki-2018-sample.txt.gz', 'corpora/imdb-unsup-25k.txt.gz', 'seq2seq/multi30k/train.en.gz']
PER_SOURCE, LEN = 2100, 11

def sentences(name):
    # every k-th line so that we do not sit in one corner of the corpus; a window of LEN words from each
    k = 7
    out = []
    with gzip.open(f'{C}/{name}', 'rt', encoding='utf-8') as f:
        for line in itertools.islice(f, 5, None, k):
            w = re.findall(r'[a-z]+', re.sub(r'<[^>]*>', ' ', line[:1200]).lower())
            if len(w) < LEN or (out and w == last): continue
            last = w
            a = random.randrange(len(w) - LEN + 1)
            out.append(w[a:a + LEN])
            if len(out) == PER_SOURCE: break
    return out

rows = [(s, y) for y, name in enumerate(SOURCES) for s in sentences(name)]
random.shuffle(rows)
cut = int(len(rows) * .8)
tr, de = rows[:cut], rows[cut:]
counts = Counter(w for s, _ in tr for w in s)
itos = ['<unk>'] + [w for w, c in counts.most_common(4000) if c > 2]
stoi = {w: i for i, w in enumerate(itos)}
enc = lambda rs: (torch.tensor([[stoi.get(w, 0) for w in s] for s, _ in rs]), torch.tensor([y for _, y in rs]))
Xtr, Ytr = enc(tr); Xde, Yde = enc(de)
print(Counter(y for _, y in rows), 'vocabulary', len(itos))

class KimCNN(nn.Module):
    def __init__(self, V, D=24, K=24, C=3):
        super().__init__()
        self.embed = nn.Embedding(V, D)
        self.convs = nn.ModuleList([nn.Conv2d(1, K, (h, D)) for h in (1, 2, 3)])
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(3 * K, C)
    def forward(self, x):
        x = self.embed(x).unsqueeze(1)                                     # N, 1, LEN, D
        x = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        x = [F.max_pool1d(i, i.size(2)).squeeze(2) for i in x]
        return self.fc(self.dropout(torch.cat(x, 1)))

cnn = KimCNN(len(itos))
opt = torch.optim.Adam(cnn.parameters(), lr=8e-3, weight_decay=2e-4)
anneal = torch.optim.lr_scheduler.ExponentialLR(opt, 0.4)

def test(X, Y):
    cnn.eval()
    with torch.no_grad():
        out = torch.cat([cnn(x) for x in X.split(200)])
    return F.cross_entropy(out, Y).item(), (out.argmax(1) == Y).float().mean().item()

best, best_state = 9e9, None
for epoch in range(1, 5):
    cnn.train()
    for b in torch.randperm(len(Xtr)).split(40):
        opt.zero_grad()
        loss = F.cross_entropy(cnn(Xtr[b]), Ytr[b])
        loss.backward()
        opt.step()
    anneal.step()
    (l0, a0), (l1, a1) = test(Xtr[:1000], Ytr[:1000]), test(Xde, Yde)
    print(f'{epoch}  train {l0:.3f}/{a0:.3f}  dev {l1:.3f}/{a1:.3f}')
    if l1 < best:
        best, best_state = l1, {k: v.clone() for k, v in cnn.state_dict().items()}
cnn.load_state_dict(best_state)
print('best dev: loss %.3f accuracy %.3f' % test(Xde, Yde))
