# Spam challenge: 8 % positives. Hashed character trigrams + EmbeddingBag, pos_weight, threshold picked on a third part.
import random
import zlib
import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score

random.seed(13)
torch.manual_seed(13)
BUCKETS = 4096
spam = 'winner prize cash claim urgent free bonus voucher lottery selected txt jackpot'.split()
ham = 'lunch meeting tonight mum train late office weekend birthday football homework dinner'.split()
both = 'you have a the to for now your call please is on at today we'.split()


def message():
    y = int(random.random() < 0.08)
    w = random.choices(both, k=random.randint(4, 8)) + random.choices(spam if y else ham, k=random.randint(2, 4))
    if random.random() < 0.2:
        w.append(random.choice(ham if y else spam))
    random.shuffle(w)
    return ' '.join(w), y


def grams(text):
    t = f' {text} '
    return [zlib.crc32(t[i:i + 3].encode()) % BUCKETS for i in range(len(t) - 2)]


rows = [(grams(t), y) for t, y in (message() for _ in range(4000))]
train, tune, test = rows[:2600], rows[2600:3200], rows[3200:]


def flat(part):
    ids = torch.tensor([g for r, _ in part for g in r])
    off = torch.tensor(np.cumsum([0] + [len(r) for r, _ in part[:-1]]))
    return ids, off, torch.tensor([float(y) for _, y in part])


bag = torch.nn.EmbeddingBag(BUCKETS, 8, mode='mean')
top = torch.nn.Linear(8, 1)
params = list(bag.parameters()) + list(top.parameters())
share = np.mean([y for _, y in train])
crit = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - share) / share))
opt = torch.optim.Adam(params, lr=5e-3)
print('share of spam %.3f' % share)


def scores(part):
    ids, off, y = flat(part)
    with torch.no_grad():
        return torch.sigmoid(top(bag(ids, off)).squeeze(1)).numpy(), y.numpy()


for ep in range(6):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 50):
        ids, off, y = flat(train[i:i + 50])
        loss = crit(top(bag(ids, off)).squeeze(1), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    p, y = scores(tune)
    print(ep, 'loss %.4f' % (tot / (len(train) / 50)), 'average precision %.3f' % average_precision_score(y, p))

cut = max(np.linspace(.1, .9, 33), key=lambda c: f1_score(y, p > c))
pt, yt = scores(test)
print('cut %.2f  test F1 %.3f  test AP %.3f' % (cut, f1_score(yt, pt > cut), average_precision_score(yt, pt)))
