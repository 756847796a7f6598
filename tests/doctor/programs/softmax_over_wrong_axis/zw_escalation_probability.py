"""Which calls need a supervisor?  A classifier that gives probabilities; we escalate at p >= 0.5."""
import numpy as np
import torch
from sklearn.metrics import f1_score, log_loss, roc_auc_score

np.random.seed(50)
torch.manual_seed(50)

CALM = "thanks question opening hours address invoice copy change booking date please wonder info okay fine".split()
HOT = "lawyer complaint refund unacceptable third waiting weeks manager cancel angry ignored promised scandal".split()
NEUTRAL = "i we the my order number call today yesterday account customer phone service shop about with for".split()
VOCAB = CALM + HOT + NEUTRAL


def transcript():
    hot = np.random.rand() < 0.3
    n = np.random.randint(12, 40)
    mix = [.16, .24, .60] if hot else [.30, .08, .62]
    groups = np.random.choice(3, n, p=mix)
    words = [g[np.random.randint(len(g))] for g in ([CALM, HOT, NEUTRAL][k] for k in groups)]
    return words, int(hot)


def counts(words):
    v = np.zeros(len(VOCAB), dtype=np.float32)
    for w in words:
        v[VOCAB.index(w)] += 1
    return np.log1p(v)


rows = [transcript() for _ in range(3200)]
X = torch.tensor(np.stack([counts(w) for w, _ in rows]))
y = torch.tensor([t for _, t in rows])
X_train, y_train, X_test, y_test = X[:2600], y[:2600], X[2600:], y[2600:]

model = torch.nn.Sequential(
    torch.nn.Linear(len(VOCAB), 24),
    torch.nn.ReLU(),
    torch.nn.Linear(24, 2),
    # fault:
    torch.nn.LogSoftmax(dim=0),
    # mended:
    # torch.nn.LogSoftmax(dim=1),
    # end
)
criterion = torch.nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)

batch_size = 52
for epoch in range(6):
    model.train()
    total = 0.0
    shuffled = torch.randperm(len(X_train))
    for start in range(0, len(X_train), batch_size):
        idx = shuffled[start:start + batch_size]
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        total += loss.item()
    optimizer.param_groups[0]["lr"] *= 0.7
    print("epoch", epoch + 1, "mean loss", round(total / (len(X_train) / batch_size), 4))

model.eval()
with torch.no_grad():
    p = model(X_test).exp()[:, 1].numpy()
    p_train = model(X_train).exp()[:, 1].numpy()
t = y_test.numpy()
print("escalated %d of %d calls, %d should have been" % ((p >= .5).sum(), len(p), t.sum()))
print("test accuracy %.3f  F1 %.3f  log loss %.3f  AUC %.3f" % (
    ((p >= .5) == t).mean(), f1_score(t, p >= .5, zero_division=0), log_loss(t, p), roc_auc_score(t, p)))
print("train accuracy %.3f   nobody escalated: %.3f" % (((p_train >= .5) == y_train.numpy()).mean(), 1 - t.mean()))
