# Distillation: TF-IDF + logistic regression (scikit-learn) teaches a small net on frozen GloVe. Unlabelled reviews are used too.
import os, re, gzip
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

DATA = os.environ['WORDFIT_DATA']
torch.manual_seed(40)


def read(split, n):
    with gzip.open(f'{DATA}/sentiment/imdb/{split}.tsv.gz', 'rt', encoding='utf-8') as f:
        rows = [l.rstrip('\n').split('\t') for l in f if l[:5] != 'label']
    pick = np.random.RandomState(0).permutation(len(rows))[:n]           # the file is sorted by label
    texts = [' '.join(re.findall(r"[a-z']+", rows[i][-1][:800].lower().replace('<br />', ' '))) for i in pick]
    return texts, np.array([float(rows[i][1]) > 5 for i in pick]).astype(int)


text, lab = read('train', 5000)
devtext, devlab = read('test', 1000)
LABELLED = 3500                                       # the rest is only seen through the teacher

tfidf = TfidfVectorizer(min_df=3, token_pattern=r'\S+', sublinear_tf=True)
teacher = LogisticRegression(C=1., max_iter=60).fit(tfidf.fit_transform(text[:LABELLED]), lab[:LABELLED])
soft = torch.tensor(teacher.predict_proba(tfidf.transform(text)), dtype=torch.float32)
print('teacher test acc %.3f' % teacher.score(tfidf.transform(devtext), devlab))

word, vec = {}, []
with gzip.open(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, _, rest = line.rstrip().partition(' ')
        word[w] = len(vec); vec.append(rest)
G = torch.from_numpy(np.array(' '.join(vec).split(), dtype=np.float32).reshape(len(vec), 50))


def features(texts):
    out = torch.zeros(len(texts), 100)
    for i, t in enumerate(texts):
        ids = [word[w] for w in t.split() if w in word]
        if ids:
            m = G[ids]
            out[i] = torch.cat([m.mean(0), m.abs().amax(0)])
    return out


X, Xd, yd = features(text), features(devtext), torch.tensor(devlab)
mu, sd = X.mean(0), X.std(0)
X, Xd = (X - mu) / sd, (Xd - mu) / sd
student = nn.Sequential(nn.Dropout(.2), nn.Linear(100, 32), nn.GELU(), nn.Dropout(.3), nn.Linear(32, 2))
optimizer = torch.optim.AdamW(student.parameters(), lr=3e-3, weight_decay=.1)
TEMP, ALPHA = 2., .7
hard = torch.tensor(lab)
EPOCHS = 3
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
soft_t = (soft.log() / TEMP).softmax(1)               # teacher at the same temperature
for e in range(EPOCHS):
    student.train()
    agg = np.zeros(2)
    for idx in torch.randperm(len(X)).split(64):
        z = student(X[idx])
        kd = nn.functional.kl_div((z / TEMP).log_softmax(1), soft_t[idx], reduction='batchmean') * TEMP ** 2
        known = idx < LABELLED
        ce = nn.functional.cross_entropy(z[known], hard[idx[known]])
        loss = ALPHA * kd + (1 - ALPHA) * ce
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        agg += kd.item(), ce.item()
    sched.step()
    student.eval()
    with torch.no_grad():
        tr = (student(X[:LABELLED]).argmax(1) == hard[:LABELLED]).float().mean().item()
        acc = (student(Xd).argmax(1) == yd).float().mean().item()
    print('epoch %d kd %.4f ce %.4f  student train acc %.3f  test acc %.3f' % (e, *(agg / (len(X) / 64)), tr, acc))
