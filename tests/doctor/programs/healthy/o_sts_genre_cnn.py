# Kaggle-style script: caption or news?  (genre column of STS-B), TextCNN on GloVe-Twitter 25d
import csv, gzip, os, re, random
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

SEED = 7
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
D = os.environ['WORDFIT_DATA']
GENRES = {'main-captions': 0, 'main-news': 1}
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")

def tokenize(t):
    return ['<num>' if w[0].isdigit() else w for w in WORD.findall(t.lower())]

def load(name):
    rows = []
    with open(f'{D}/glue/STS-B/{name}.tsv', encoding='utf-8') as f:
        for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            w = tokenize(r['sentence1'])
            if len(w) > 2 and r['genre'] in GENRES: rows.append((tuple(w), GENRES[r['genre']]))
    return rows

train = list(dict.fromkeys(load('train')))
random.shuffle(train)
train = train[:2000]
seen = {s for s, _ in train}
dev = [r for r in dict.fromkeys(load('dev')) if r[0] not in seen]
print(len(train), 'train', len(dev), 'dev', np.bincount([y for _, y in train]), np.bincount([y for _, y in dev]))

vec = {}
with gzip.open(f'{D}/vectors/glove.twitter.27B.25d.common11925.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, rest = line.split(' ', 1)
        vec[w] = rest
vocab = {'<pad>': 0, '<unk>': 1, '<num>': 2}
for s, _ in train + dev:                # the vectors are frozen, so words of dev may as well have a row
    for w in s:
        if w in vec: vocab.setdefault(w, len(vocab))
W = np.zeros((len(vocab), 25), dtype='float32')
for w, i in vocab.items():
    if w in vec: W[i] = np.array(vec[w].split(), dtype='float32')
known = W[3:]
W[3:] = (known - known.mean(0)) / known.std(0)
W[2] = np.random.randn(25)              # numbers get a row of their own, at the scale of the others
print('coverage %.3f' % np.mean([w in vocab for s, _ in dev for w in s]))

def to_tensor(rows, L=45):
    X = np.zeros((len(rows), L), dtype='int64')
    for r, (s, _) in enumerate(rows):
        s = s[:L]
        X[r, :len(s)] = [vocab.get(w, 1) for w in s]
    return torch.from_numpy(X), torch.tensor([y for _, y in rows])

class TextCNN(nn.Module):
    def __init__(self, nf=24):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(W), padding_idx=0)     # stays as it is
        self.convs = nn.ModuleList(nn.Conv1d(25, nf, k, padding=k - 1) for k in (1, 2, 3))
        self.drop = nn.Dropout(.4)
        self.fc = nn.Linear(3 * nf, 2)
    def forward(self, x):
        x = x[:, :int((x > 0).sum(1).max())]
        e = self.emb(x).transpose(1, 2)
        # relu + max over time; a window that lies wholly in the padding gives relu(bias), so it is masked out
        live = (x > 0).float()[:, None]
        out = []
        for c in self.convs:
            h = F.relu(c(e))
            m = F.max_pool1d(F.pad(live, (c.kernel_size[0] - 1,) * 2), c.kernel_size[0], stride=1)
            out.append((h * m).amax(2))
        return self.fc(self.drop(torch.cat(out, 1)))

Xtr, ytr = to_tensor(train); Xte, yte = to_tensor(dev)
net = TextCNN()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)

def measure(X, y):
    net.eval()
    with torch.no_grad():
        o = torch.cat([net(b) for b in X.split(300)])
    hit = o.argmax(1) == y
    per = [round(hit[y == c].float().mean().item(), 3) for c in range(2)]
    return F.cross_entropy(o, y).item(), hit.float().mean().item(), per

for epoch in range(4):
    net.train()
    for idx in torch.randperm(len(Xtr)).split(50):
        opt.zero_grad()
        F.cross_entropy(net(Xtr[idx]), ytr[idx]).backward()
        opt.step()
    print('epoch', epoch, 'train loss/acc %.3f %.3f %s' % measure(Xtr, ytr), 'dev loss/acc %.3f %.3f %s' % measure(Xte, yte))
