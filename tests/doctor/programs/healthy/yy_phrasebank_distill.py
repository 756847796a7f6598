# Distilling a (slow, sklearn) tf-idf bigram model into a tiny bag of embeddings for the mobile app.
import os, re, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, accuracy_score

random.seed(0); np.random.seed(0); torch.manual_seed(0)
LABELS = ['negative', 'neutral', 'positive']
path = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'financial-phrasebank', 'Sentences_50Agree.txt')
data = {}
for line in open(path, encoding='utf-8'):
    sent, lab = line.strip().rsplit('@', 1)
    data[sent] = LABELS.index(lab)
data = list(data.items()); random.shuffle(data)
train, test = data[:3800], data[3800:]

def tok(s):
    s = re.sub(r'\d[\d.,]*', ' 0 ', s.lower())
    return re.findall(r'[a-z]+|0|%', s)

# --- teacher, out-of-fold so that its targets for the training rows are honest
vec = TfidfVectorizer(tokenizer=tok, token_pattern=None, ngram_range=(1, 2), min_df=3, sublinear_tf=True)
X = vec.fit_transform([s for s, _ in train]); y = np.array([l for _, l in train])
half = np.arange(len(train)) % 2
soft = np.zeros((len(train), 3), 'float32')
for h in (0, 1):
    t = LogisticRegression(C=10, class_weight='balanced', max_iter=100).fit(X[half != h], y[half != h])
    soft[half == h] = t.predict_proba(X[half == h])
teacher = LogisticRegression(C=10, class_weight='balanced', max_iter=100).fit(X, y)
tp = teacher.predict(vec.transform([s for s, _ in test]))
soft, hard = torch.from_numpy(soft), torch.from_numpy(y)

# --- student
cnt = {}
for s, _ in train:
    for w in set(tok(s)): cnt[w] = cnt.get(w, 0) + 1
vocab = {w: i + 1 for i, w in enumerate(w for w, c in cnt.items() if c >= 4)}      # 0 is the padding
L = 40
def encode(rows):
    out = torch.zeros(len(rows), L, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids = [vocab[w] for w in tok(s) if w in vocab][:L]
        out[i, :len(ids)] = torch.tensor(ids, dtype=torch.long)
    return out
Xtr, Xte = encode(train), encode(test); yte = np.array([l for _, l in test])

class Student(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        nn.init.normal_(self.emb.weight, std=0.1)
        with torch.no_grad(): self.emb.weight[0].zero_()
        self.att = nn.Embedding(len(vocab) + 1, 1)                                # how much each word counts
        nn.init.zeros_(self.att.weight)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(d, 3)
    def forward(self, x):
        a = self.att(x).squeeze(-1).masked_fill(x.eq(0), -1e4).softmax(1)
        return self.fc(self.drop((a.unsqueeze(-1) * self.emb(x)).sum(1)))

student = Student()
opt = torch.optim.Adam(student.parameters(), lr=0.01)
cw = torch.bincount(hard).float().reciprocal(); cw = cw / cw.mean()
T, alpha = 1.0, 0.7
def score(x, y):
    student.eval()
    with torch.no_grad(): p = student(x).argmax(1).numpy()
    return accuracy_score(y, p), f1_score(y, p, average='macro')
for epoch in range(6):
    student.train(); tot = 0
    for b in torch.randperm(len(Xtr)).split(64):
        z = student(Xtr[b])
        kd = F.kl_div(F.log_softmax(z / T, 1), soft[b], reduction='batchmean')
        ce = F.cross_entropy(z, hard[b], weight=cw)
        loss = alpha * kd + (1 - alpha) * ce
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    for gr in opt.param_groups: gr['lr'] *= 0.7
    print('ep %d loss %.4f  train acc %.3f f1 %.3f  test acc %.3f f1 %.3f' % ((epoch, tot / len(Xtr)) + score(Xtr, y) + score(Xte, yte)))
print('teacher  test acc %.3f f1 %.3f' % (accuracy_score(yte, tp), f1_score(yte, tp, average='macro')))
print('majority test acc %.3f' % (yte == 1).mean(), ' student parameters', sum(p.numel() for p in student.parameters()))
