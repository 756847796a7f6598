# Distil a slow sentence encoder into a small bag-of-words student.
# The teacher's vectors (here: IDF weighted GloVe, centred, projected) are the targets.
import gzip, math, os, re, random
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0); np.random.seed(0); torch.manual_seed(0)
D = os.environ['WORDFIT_DATA']

glove = {}
for line in gzip.open(f'{D}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
    w, *v = line.split()
    glove[w] = np.array(v, dtype='f4')
    if len(glove) == 4000: break

sents = []
for i, line in enumerate(gzip.open(f'{D}/seq2seq/multi30k/train.en.gz', 'rt', encoding='utf8')):
    toks = [t for t in re.findall('[a-z]+', line.lower()) if t in glove]
    if len(toks) >= 5: sents.append(toks)
    if i == 3500: break
sents = list({' '.join(s): s for s in sents}.values())
df = Counter(t for s in sents for t in set(s))
idf = {w: math.log(len(sents) / c) for w, c in df.items()}
teacher = np.array([np.average([glove[t] for t in s], axis=0, weights=[idf[t] + .1 for t in s]) for s in sents])
n_train = len(sents) - 500
teacher = teacher - teacher[:n_train].mean(0)
teacher = torch.tensor(teacher / teacher[:n_train].std(), dtype=torch.float32)
print(len(sents), 'sentences, teacher', tuple(teacher.shape))

vocab = {w: i for i, w in enumerate(sorted(w for w, c in df.items() if c >= 3))}


def batch(ids):
    flat, offs = [], []
    for i in ids:
        offs.append(len(flat))
        flat += [vocab[t] for t in sents[i] if t in vocab] or [vocab['a']]
    return torch.tensor(flat), torch.tensor(offs)


class Student(nn.Module):
    def __init__(self, n, d=50, out=50):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode='mean')
        self.proj = nn.Sequential(nn.Linear(d, 64), nn.Tanh(), nn.Linear(64, out))

    def forward(self, flat, offs):
        return self.proj(self.bag(flat, offs))


student = Student(len(vocab))
opt = torch.optim.Adam(student.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=9)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
test_ids = list(range(n_train, len(sents)))


@torch.no_grad()
def evaluate():
    student.eval()
    z, t = F.normalize(student(*batch(test_ids)), dim=1), F.normalize(teacher[test_ids], dim=1)
    cos = (z * t).sum(1).mean().item()
    top5 = (z @ t.T).topk(5, dim=1).indices
    hit = (top5 == torch.arange(len(test_ids))[:, None]).any(1).float().mean().item()
    return cos, hit


ids = list(range(n_train))
for epoch in range(9):
    random.shuffle(ids)
    student.train()
    total = 0
    for k in range(0, n_train, 32):
        b = ids[k:k + 32]
        loss = criterion(student(*batch(b)), teacher[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    sched.step()
    cos, hit = evaluate()
    print(f'epoch {epoch + 1}: loss {total / n_train:.4f}  test cosine {cos:.3f}  finds its own sentence in the top 5 of 500: {hit:.3f}')
