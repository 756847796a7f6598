# homework 3: which newspaper desk does a headline belong to? (7 desks)
import numpy as np
import torch

torch.manual_seed(42)
rng = np.random.default_rng(42)

desks = ['arts', 'business', 'crime', 'health', 'politics', 'science', 'sports']
kw = [['opera', 'painter', 'gallery', 'novel', 'theatre', 'festival'], ['shares', 'profit', 'merger', 'bank', 'inflation', 'market'],
      ['arrested', 'robbery', 'police', 'trial', 'suspect', 'jailed'], ['vaccine', 'hospital', 'nurses', 'diet', 'flu', 'patients'],
      ['minister', 'senate', 'ballot', 'coalition', 'treaty', 'mayor'], ['telescope', 'fossil', 'quantum', 'genome', 'orbit', 'climate'],
      ['striker', 'league', 'olympic', 'coach', 'goalkeeper', 'marathon']]
glue = 'new after as over says in city for first with why how the year big two old plan day home'.split()
vocab = {w: i for i, w in enumerate(glue + sum(kw, []))}

def headline():
    c = rng.integers(7)
    w = list(rng.choice(kw[c], rng.integers(1, 4))) + list(rng.choice(glue, rng.integers(3, 7)))
    if rng.random() < .25: w.append(rng.choice(kw[rng.integers(7)]))
    v = np.zeros(len(vocab), dtype=np.float32)
    for t in w: v[vocab[t]] += 1
    return v, c

data = [headline() for _ in range(3200)]
X = torch.tensor(np.stack([d[0] for d in data])); y = torch.tensor([int(d[1]) for d in data])
X_train, y_train, X_test, y_test = X[:2500], y[:2500], X[2500:], y[2500:]

hidden = 32
model = torch.nn.Sequential(
    torch.nn.Linear(len(vocab), hidden),
    torch.nn.Tanh(),
    # fault:
    torch.nn.Linear(hidden, 1),
    # mended:
    # torch.nn.Linear(hidden, 7),
    # end
)
# fault:
loss_fn = lambda out, t: torch.nn.functional.mse_loss(out.squeeze(1), t.float())
to_class = lambda out: out.squeeze(1).round().clamp(0, 6).long()
# mended:
# loss_fn = torch.nn.functional.cross_entropy
# to_class = lambda out: out.argmax(1)
# end
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)

for epoch in range(1, 7):
    perm = torch.randperm(len(X_train))
    epoch_loss = 0
    for i in range(0, len(X_train), 25):
        b = perm[i:i + 25]
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[b]), y_train[b])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    with torch.no_grad():
        acc_train = (to_class(model(X_train)) == y_train).float().mean()
        acc_test = (to_class(model(X_test)) == y_test).float().mean()
    print('epoch %d: loss %.3f, train accuracy %.3f, test accuracy %.3f' % (epoch, epoch_loss / 100, acc_train, acc_test))
