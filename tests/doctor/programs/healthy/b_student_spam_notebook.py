# -*- coding: utf-8 -*-
# Homework 3: Spam filter  (exported from hw3.ipynb)
# Student: M. Okafor, group 2B

# In[1]:
import random
from collections import Counter
import numpy as np
import torch

random.seed(3); np.random.seed(3); torch.manual_seed(3)

# In[2]: make the SMS collection (the teacher's generator, copied from the assignment sheet)
SPAM = "winner prize claim free cash urgent txt reply stop offer guaranteed award ringtone mobile bonus voucher selected congratulations call now".split()
HAM = "ok later home mum dinner sorry coming lecture bus tomorrow love sleep movie haha notes library rain football see you".split()
BOTH = "the a to your my is for in at and on we have it will with be get i this please today tonight week time phone number message send got new".split()

def sms(spam):
    n = random.randint(6, 18)
    out = []
    for _ in range(n):
        r = random.random()
        if r < 0.62: out.append(random.choice(BOTH))
        elif r < 0.90: out.append(random.choice(SPAM if spam else HAM))
        else: out.append(random.choice(HAM if spam else SPAM))
    return " ".join(out)

rows = []
seen = set()
while len(rows) < 3000:
    y = int(random.random() < 0.4)
    t = sms(y)
    if t not in seen:
        seen.add(t); rows.append((t, y))
random.shuffle(rows)
train, test = rows[:2400], rows[2400:]
print("train", len(train), "test", len(test), "spam share", round(np.mean([y for _, y in rows]), 3))

# In[3]: the vocabulary and the count matrix
counts = Counter(w for t, _ in train for w in t.split())
vocab = {w: i for i, (w, c) in enumerate(counts.most_common(500))}

def count_matrix(data):
    X = np.zeros((len(data), len(vocab)), dtype=np.float32)
    for i, (t, _) in enumerate(data):
        for w in t.split():
            if w in vocab: X[i, vocab[w]] += 1
    return torch.from_numpy(np.log1p(X)), torch.tensor([float(y) for _, y in data])

Xtr, ytr = count_matrix(train)
Xte, yte = count_matrix(test)

# In[4]: logistic regression, as on slide 17
model = torch.nn.Linear(Xtr.shape[1], 1)
opt = torch.optim.SGD(model.parameters(), lr=0.5)
lossfn = torch.nn.BCEWithLogitsLoss()
losses = []
for epoch in range(15):
    perm = torch.randperm(len(Xtr))
    total = 0.0
    for k in range(0, len(Xtr), 50):
        idx = perm[k:k + 50]
        z = model(Xtr[idx]).squeeze(1)
        loss = lossfn(z, ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    losses.append(total / len(Xtr))
    with torch.no_grad():
        acc = ((model(Xte).squeeze(1) > 0) == (yte > 0.5)).float().mean().item()
    print(f"epoch {epoch + 1:2d}  loss {losses[-1]:.4f}  test acc {acc:.4f}")

# In[5]: confusion matrix
with torch.no_grad():
    p = (model(Xte).squeeze(1) > 0).int()
for a in (0, 1):
    print(["ham ", "spam"][a], [int(((yte == a) & (p == b)).sum()) for b in (0, 1)])

# In[6]: which words speak for spam? (question 4)
w = model.weight.detach()[0]
inv = {i: s for s, i in vocab.items()}
print("spammy:", [inv[int(i)] for i in w.argsort(descending=True)[:8]])
print("hammy :", [inv[int(i)] for i in w.argsort()[:8]])
