# 6 % of the messages are spam. Weighted BCE on EmbeddingBag, judged by average precision and F1.
import random
import numpy as np, torch
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score
rnd = random.Random(13); torch.manual_seed(13)
HAM = 'see you at lunch the meeting is late can we call mum home soon bus train dinner tonight thanks ok work kids school movie'.split()
SPAM = 'win prize free cash claim urgent offer click loan winner bonus guaranteed'.split()

def msg():
    y = int(rnd.random() < 0.06)
    w = rnd.choices(HAM, k=rnd.randint(5, 12))
    w += rnd.choices(SPAM, k=rnd.randint(2, 4)) if y else (rnd.choices(SPAM, k=1) if rnd.random() < .15 else [])
    rnd.shuffle(w)
    return w, y

msgs = [msg() for _ in range(6000)]
voc = {w: k for k, w in enumerate(sorted(set(HAM + SPAM)))}
y = torch.tensor([float(t) for _, t in msgs])
ids = [torch.tensor([voc[w] for w in m]) for m, _ in msgs]
emb = torch.nn.EmbeddingBag(len(voc), 8, mode='sum')
lin = torch.nn.Linear(8, 1)
params = list(emb.parameters()) + list(lin.parameters())
opt = torch.optim.Adam(params, lr=0.01)
n = 4500
weight = ((y[:n] == 0).sum() / (y[:n] == 1).sum()).sqrt()     # softened weight
crit = torch.nn.BCEWithLogitsLoss(pos_weight=weight)
print('spam in training: %.3f, weight %.2f' % (y[:n].mean(), weight))

def logits(sel):
    rows = [ids[k] for k in sel]
    off = torch.tensor(np.cumsum([0] + [len(r) for r in rows[:-1]]))
    return lin(emb(torch.cat(rows), off)).squeeze(1)

for ep in range(6):
    tot = 0
    for b in torch.randperm(n).split(60):
        loss = crit(logits(b.tolist()), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        z = logits(range(n, 6000)).numpy()
        dev_loss = crit(torch.from_numpy(z), y[n:]).item()
    t = y[n:].numpy()
    print('ep %d loss %.4f dev %.4f AP %.3f F1 %.3f precision %.3f recall %.3f' % (
        ep, tot / n, dev_loss, average_precision_score(t, z), f1_score(t, z > 0), precision_score(t, z > 0, zero_division=0), recall_score(t, z > 0)))
