# 3-fold cross-validation on film sentences, word2vec vectors kept as they are, pooled mean + small classifier.
import os, gzip
import numpy as np
import torch
from torch import nn, optim

SEED = 19
FOLDS, EPOCHS, BS = 3, 4, 50
torch.manual_seed(SEED); np.random.seed(SEED)
DATA = os.environ['WORDFIT_DATA']

sents, labels = [], []
with open(DATA + '/glue/SST-2/train.tsv', encoding='utf-8') as f:
    next(f)
    for line in f:
        s, y = line.rstrip('\n').split('\t')
        w = s.split()
        if 10 <= len(w) <= 24:
            sents.append(w); labels.append(int(y))
pick = np.random.permutation(len(sents))
seen_words, chosen = set(), []
for i in pick:                                  # phrases are cut from the same trees: at most one per opening
    key = tuple(sorted(w for w in sents[i] if len(w) > 6)[:2])
    if key not in seen_words:
        seen_words.add(key); chosen.append(i)
    if len(chosen) == 3000: break
sents = [sents[i] for i in chosen]; labels = torch.tensor([labels[i] for i in chosen])

used = {w for s in sents for w in s}
word2idx = {'<pad>': 0}; weights = [np.zeros(300, 'f4')]
with gzip.open(DATA + '/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    f.readline()                                # count and width
    for line in f:
        w, v = line.rstrip('\n').split(' ', 1)
        if w in used:
            word2idx[w] = len(weights); weights.append(np.array(v.split(), 'f4'))
weights = torch.from_numpy(np.stack(weights))
X = torch.zeros(len(sents), 24, dtype=torch.long)
for i, s in enumerate(sents):
    ids = [word2idx[w] for w in s if w in word2idx]
    X[i, :len(ids)] = torch.tensor(ids, dtype=torch.long)
ok = (X > 0).any(1)
X, labels = X[ok], labels[ok]
print(X.shape, 'vocab', len(word2idx), 'positive share %.3f' % labels.float().mean())


class MeanNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(weights.clone(), freeze=True, padding_idx=0)
        self.fc = nn.Linear(300, 32)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        m = (x != 0).unsqueeze(2)
        h = (self.embedding(x) * m).sum(1) / m.sum(1)
        return self.out(self.drop(torch.relu(self.fc(h))))


def reset_weights(module):
    # fault:
    if hasattr(module, 'reset_parameters'):
    # mended:
    # if isinstance(module, nn.Linear):
    # end
        module.reset_parameters()


model = MeanNet()
scores = []
fold_of = torch.arange(len(X)) % FOLDS
for fold in range(FOLDS):
    model.apply(reset_weights)                  # no leakage between folds
    tr, va = (fold_of != fold).nonzero().squeeze(1), (fold_of == fold).nonzero().squeeze(1)
    opt = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-4)
    for epoch in range(EPOCHS):
        model.train(); total = 0
        for idx in tr[torch.randperm(len(tr))].split(BS):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(X[idx]), labels[idx])
            loss.backward(); opt.step()
            total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        acc = [(model(X[i]).argmax(1) == labels[i]).float().mean().item() for i in (tr, va)]
    scores.append(acc[1])
    print(f'fold {fold}: loss {total / len(tr):.4f} train acc {acc[0]:.4f} val acc {acc[1]:.4f}')
print(f'cv accuracy {np.mean(scores):.4f} +- {np.std(scores):.4f}')
