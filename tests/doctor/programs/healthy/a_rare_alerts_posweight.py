# Log-line alerts: 6 % positives, weighted BCE, threshold picked on validation, judged by average precision.
import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score

np.random.seed(9); torch.manual_seed(9)
TOKENS, LEN = 120, 12
def lines(n):
    y = (np.random.rand(n) < 0.06).astype(np.float32)
    x = np.random.randint(10, TOKENS, (n, LEN))
    for r in range(n):
        k = np.random.randint(2, 5) if y[r] else (np.random.rand() < 0.1)     # alert words 0..9
        x[r, np.random.permutation(LEN)[:int(k)]] = np.random.randint(0, 10, int(k))
    return torch.from_numpy(x), torch.from_numpy(y)
(xtr, ytr), (xva, yva), (xte, yte) = lines(5000), lines(1500), lines(1500)

emb = torch.nn.EmbeddingBag(TOKENS, 8, mode='sum')
lin = torch.nn.Linear(8, 1)
torch.nn.init.normal_(emb.weight, 0, 0.1)
score = lambda x: lin(emb(x)).squeeze(1)
pos_weight = (ytr == 0).sum() / (ytr == 1).sum()
crit = torch.nn.BCEWithLogitsLoss(pos_weight=pos_weight)
opt_emb, opt_lin = torch.optim.Adagrad(emb.parameters(), lr=0.1), torch.optim.SGD(lin.parameters(), lr=0.05)
for epoch in range(6):
    tot = 0
    for idx in torch.randperm(len(xtr)).split(50):
        loss = crit(score(xtr[idx]), ytr[idx])
        opt_emb.zero_grad(); opt_lin.zero_grad()
        loss.backward()
        opt_emb.step(); opt_lin.step()
        tot += loss.item() * len(idx) / len(xtr)
    with torch.no_grad():
        ap = [average_precision_score(b.numpy(), score(a).numpy()) for a, b in ((xtr, ytr), (xva, yva))]
    print('epoch %d  weighted bce %.4f  AP train %.3f  AP val %.3f' % (epoch, tot, *ap))
with torch.no_grad():
    sv, st = score(xva).numpy(), score(xte).numpy()
best = max(np.quantile(sv, np.linspace(0.85, 0.99, 60)), key=lambda t: f1_score(yva.numpy(), sv > t))
print('test  AP %.3f  F1 %.3f  (share of positives %.3f)' % (average_precision_score(yte.numpy(), st), f1_score(yte.numpy(), st > best), yte.mean()))
