# Distil a bag-of-words logistic regression (teacher, sklearn) into 4-dimensional fastText-like student. IMDB.
import gzip, os, re, numpy as np, torch, torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
np.random.seed(0); torch.manual_seed(0)
with gzip.open(os.environ['WORDFIT_DATA'] + '/sentiment/imdb/train.tsv.gz', 'rt', encoding='utf-8') as f:
    rows = [l.rstrip('\n').split('\t') for l in f][1:]
sel = np.random.permutation(len(rows))[:5000]
data = {}
for i in sel: data[' '.join(rows[i][3].replace('<br />', ' ').lower().split()[:150])] = int(rows[i][0] in ('pos', '1'))
texts, y = list(data), np.array(list(data.values()))
ntr = 4000
tv = TfidfVectorizer(max_features=1500, sublinear_tf=True, stop_words='english')
Xtr = tv.fit_transform(texts[:ntr]); Xte = tv.transform(texts[ntr:])
teacher = LogisticRegression(C=1.).fit(Xtr, y[:ntr])
print('teacher: train %.3f test %.3f' % (teacher.score(Xtr, y[:ntr]), teacher.score(Xte, y[ntr:])))
soft = torch.tensor(teacher.decision_function(Xtr), dtype=torch.float)
soft = torch.stack([-soft / 2, soft / 2], 1)

def batch(X):
    return torch.tensor(X.indices).long(), torch.tensor(X.indptr[:-1]).long(), torch.tensor(X.data).float()

table = torch.nn.EmbeddingBag(1500, 4, mode='sum')
top = torch.nn.Linear(4, 2)
student = torch.nn.ModuleList([table, top])
def predict(X):
    i, o, w = batch(X)
    return top(table(i, o, per_sample_weights=w))
opt = torch.optim.Adam(student.parameters(), lr=.01)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
TEMP, hard = 2., torch.tensor(y)
for ep in range(6):
    s = 0.
    for ids in torch.randperm(ntr).split(64):
        z = predict(Xtr[ids.numpy()])
        kd = F.kl_div(F.log_softmax(z / TEMP, 1), F.softmax(soft[ids] / TEMP, 1), reduction='batchmean') * TEMP ** 2
        loss = .9 * kd + .1 * F.cross_entropy(z, hard[ids])
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item() * len(ids)
    sch.step()
    with torch.no_grad():
        a, b = predict(Xtr).argmax(1).numpy(), predict(Xte).argmax(1).numpy()
    print('epoch %d loss %.4f student train %.3f test %.3f agrees with teacher %.3f' % (
        ep, s / ntr, (a == y[:ntr]).mean(), (b == y[ntr:]).mean(), (b == teacher.predict(Xte)).mean()))
