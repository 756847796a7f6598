# anger or joy? 3-fold cross-validation on TweetEval/emotion with Twitter GloVe (25d, tuned)
import gzip, os, re
import numpy as np
import torch
from torch import nn
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import f1_score

root = os.environ['WORDFIT_DATA']
torch.manual_seed(11)
rng = np.random.RandomState(11)

base = os.path.join(root, 'sentiment', 'tweeteval', 'emotion')
texts, labels = [], []
for part in ('train', 'val', 'test'):
    t = open(f'{base}/{part}_text.txt', encoding='utf-8').read().rstrip('\n').split('\n')
    l = open(f'{base}/{part}_labels.txt').read().split()
    assert len(t) == len(l)
    for a, b in zip(t, l):
        if b in '01':                       # 0 anger, 1 joy
            words = re.findall(r"[a-z']+", a.lower().replace('@user', ' '))
            if words:
                texts.append(words); labels.append(int(b))
# the same tweet may come twice
seen, keep = set(), []
for i, w in enumerate(texts):
    if tuple(w) not in seen:
        seen.add(tuple(w)); keep.append(i)
texts = [texts[i] for i in keep]
labels = np.array([labels[i] for i in keep])

glove = {}
with gzip.open(f'{root}/vectors/glove.twitter.27B.25d.common11925.txt.gz', 'rt', encoding='utf-8') as fh:
    for line in fh:
        p = line.rstrip().split(' ')
        glove[p[0]] = np.asarray(p[1:], dtype='float32')
vocab = {w: i for i, w in enumerate(sorted({w for t in texts for w in t if w in glove}), 1)}
table = np.zeros((len(vocab) + 1, 25), dtype='float32')
for w, i in vocab.items():
    table[i] = glove[w]
table = torch.from_numpy(table)

MAXLEN = 32
X = np.zeros((len(texts), MAXLEN), dtype='int64')
for r, t in enumerate(texts):
    ids = [vocab[w] for w in t if w in vocab][:MAXLEN] or [1]
    X[r, :len(ids)] = ids
X, Y = torch.from_numpy(X), torch.from_numpy(labels)
print('tweets', len(Y), 'joy', round(float(Y.float().mean()), 3), 'vocabulary', len(vocab))


class MoodNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(50, 32), nn.Tanh(), nn.Dropout(0.3), nn.Linear(32, 2))

    def forward(self, x):
        m = (x > 0).unsqueeze(2)
        e = self.words(x)
        mean = (e * m).sum(1) / m.sum(1)
        top = e.masked_fill(~m, -1e4).amax(1)
        return self.mlp(torch.cat([mean, top], 1))


model = MoodNet()
print('parameters', sum(p.numel() for p in model.parameters()))
params = [{'params': model.words.parameters(), 'lr': 5e-4}, {'params': model.mlp.parameters(), 'lr': 4e-3}]
optimizer = torch.optim.Adam(params)
criterion = nn.CrossEntropyLoss()

scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(3, shuffle=True, random_state=0).split(X, labels), 1):
    # fault:
    model = MoodNet()
    # mended:
    # model = MoodNet()
    # params = [{'params': model.words.parameters(), 'lr': 5e-4}, {'params': model.mlp.parameters(), 'lr': 4e-3}]
    # optimizer = torch.optim.Adam(params)
    # end
    for epoch in range(5):
        model.train()
        order = rng.permutation(tr)
        total = 0.
        for k in range(0, len(order), 48):
            b = order[k:k + 48]
            optimizer.zero_grad()
            loss = criterion(model(X[b]), Y[b])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc_tr = (model(X[tr]).argmax(1) == Y[tr]).float().mean().item()
        pred = model(X[te]).argmax(1)
    acc = (pred == Y[te]).float().mean().item()
    scores.append(acc)
    print(f'fold {fold}: last loss {total / len(order):.4f}  train acc {acc_tr:.3f}  '
          f'test acc {acc:.3f}  macro-F1 {f1_score(Y[te], pred, average="macro"):.3f}')
print(f'mean accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}')
