# coding: utf-8
# Financial PhraseBank, 3 classes. No sklearn on the cluster node, so precision / recall / macro F1 are counted by hand.
import os, re, gzip, random
import torch

DATA = os.environ['WORDFIT_DATA']
random.seed(5); torch.manual_seed(5)
NAMES = ['negative', 'neutral', 'positive']

def words(s):
    s = re.sub(r'\d+([.,]\d+)*', ' 0 ', s.lower())
    return re.findall(r"[a-z]+|0|%|\$", s)

sents = {}
for line in open(f'{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='utf-8', newline=''):
    s, lab = line.strip().rsplit('@', 1)
    sents[' '.join(words(s))] = NAMES.index(lab)
items = sorted(sents.items()); random.shuffle(items)
test, train = items[:900], items[900:]

df = {}
for s, _ in train:
    for w in set(s.split()): df[w] = df.get(w, 0) + 1
vocab = {w: i for i, w in enumerate(sorted(w for w, c in df.items() if c >= 4))}
uni = len(vocab)
big = {}
for s, _ in train:
    t = s.split()
    for p in set(zip(t, t[1:])): big[p] = big.get(p, 0) + 1
for p in sorted(k for k, c in big.items() if c >= 8): vocab[p] = len(vocab)
print(len(train), 'train', len(test), 'test', uni, 'words', len(vocab) - uni, 'word pairs')

def featurise(rows):
    """dense 0/1 rows scaled to length one"""
    X = torch.zeros(len(rows), len(vocab))
    for i, (s, _) in enumerate(rows):
        t = s.split()
        for k in t + list(zip(t, t[1:])):
            if k in vocab: X[i, vocab[k]] = 1.
    X = X / X.norm(dim=1, keepdim=True).clamp(min=1.)
    return X, torch.tensor([y for _, y in rows])

Xtr, ytr = featurise(train); Xte, yte = featurise(test)
cnt = torch.bincount(ytr, minlength=3).float()
class_weight = (cnt.sum() / (3 * cnt)).sqrt()
print('counts', cnt.int().tolist(), 'weights', [round(v, 2) for v in class_weight.tolist()])

W = torch.zeros(len(vocab), 3, requires_grad=True)        # plain softmax regression: a convex problem, zero is a fine start
b = torch.zeros(3, requires_grad=True)
lossf = torch.nn.CrossEntropyLoss(weight=class_weight)
optim = torch.optim.SGD([{'params': [W], 'weight_decay': 6e-4}, {'params': [b], 'weight_decay': 0}], lr=2.0, momentum=0.9)

def confusion(X, y):
    M = [[0] * 3 for _ in range(3)]
    with torch.no_grad():
        for g, p in zip(y.tolist(), (X @ W + b).argmax(1).tolist()): M[g][p] += 1
    return M

def macro_f1(M):
    f = []
    for c in range(3):
        tp = M[c][c]; pred = sum(M[r][c] for r in range(3)); gold = sum(M[c])
        pr, rc = tp / max(pred, 1), tp / max(gold, 1)
        f.append(2 * pr * rc / max(pr + rc, 1e-9))
    return sum(f) / 3, f

for epoch in range(8):
    order = torch.randperm(len(Xtr)); tot = 0
    for g in optim.param_groups: g['lr'] = 2.0 * (1 - epoch / 8)
    for i in range(0, len(order), 100):
        j = order[i:i + 100]
        loss = lossf(Xtr[j] @ W + b, ytr[j])
        optim.zero_grad(); loss.backward(); optim.step()
        tot += loss.item() * len(j)
    print('epoch', epoch, 'loss %.4f' % (tot / len(order)), 'macro F1 test %.3f' % macro_f1(confusion(Xte, yte))[0])

M = confusion(Xte, yte)
print('gold \\ predicted ' + ' '.join('%9s' % n for n in NAMES))
for n, row in zip(NAMES, M): print('%16s ' % n + ' '.join('%9d' % v for v in row))
m, per = macro_f1(M)
print('F1', dict(zip(NAMES, [round(v, 3) for v in per])), 'accuracy %.3f' % (sum(M[i][i] for i in range(3)) / len(test)))
print('macro F1: train %.3f, test %.3f' % (macro_f1(confusion(Xtr, ytr))[0], m))
