# Time-to-churn from support tickets: Cox partial likelihood (Breslow) on a bag of words. Censored customers are kept.
import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(21)
torch.manual_seed(21)

risk_words = {'refund': 1.0, 'angry': .9, 'cancel': 1.3, 'broken': .7, 'slow': .5, 'again': .4,
              'thanks': -.8, 'great': -1.0, 'upgrade': -.9, 'colleagues': -.5, 'works': -.7, 'renewed': -1.2}
filler = ('the a my our account invoice login screen report about with please today yesterday file team export button '
          'page week hello support ticket number phone mail server update').split()
vocab = list(risk_words) + filler
beta = np.array([risk_words.get(w, 0.) for w in vocab])

N = 2400
X = np.zeros((N, len(vocab)), dtype=np.float32)
for i in range(N):
    k = rs.randint(8, 25)
    p = np.r_[rs.gamma(.5, 1., len(risk_words)), np.full(len(filler), 1.)]
    np.add.at(X[i], rs.choice(len(vocab), k, p=p / p.sum()), 1)
eta = (np.minimum(X, 2) @ beta) * .9
T = rs.exponential(np.exp(-(eta - eta.mean())) * 12)
C = rs.uniform(2, 40, N)
time_, event = np.minimum(T, C).astype('f'), (T <= C)
print('customers %d, churned %.2f' % (N, event.mean()))

X, time_, event = torch.from_numpy(np.log1p(X)), torch.from_numpy(time_), torch.from_numpy(event)
tr, va = torch.arange(0, 1900), torch.arange(1900, N)

net = nn.Sequential(nn.Linear(len(vocab), 24), nn.ReLU(), nn.Linear(24, 1, bias=False))   # a bias would cancel


def neg_log_partial(score, t, d):
    o = torch.argsort(t, descending=True)
    score, d = score[o], d[o]
    at_risk = torch.logcumsumexp(score, 0)
    return -((score - at_risk) * d).sum() / d.sum().clamp(min=1)


def concordance(score, t, d):
    earlier = (t[:, None] < t[None, :]) & d[:, None]
    diff = score[:, None] - score[None, :]
    return (((diff > 0) & earlier).sum() + .5 * ((diff == 0) & earlier).sum()).item() / earlier.sum().item()


opt = torch.optim.RMSprop(net.parameters(), lr=3e-3, weight_decay=1e-3)
for epoch in range(8):
    net.train()
    s = 0.
    batches = tr[torch.randperm(len(tr))].split(190)
    for b in batches:
        opt.zero_grad()
        l = neg_log_partial(net(X[b]).squeeze(1), time_[b], event[b])
        l.backward()
        opt.step()
        s += l.item()
    net.eval()
    with torch.no_grad():
        r = net(X).squeeze(1)
    print('epoch %d  npl %.3f  C train %.3f  C held-out %.3f' % (
        epoch, s / len(batches), concordance(r[tr], time_[tr], event[tr]), concordance(r[va], time_[va], event[va])))

# what the words mean to the model
with torch.no_grad():
    one = torch.eye(len(vocab))
    eff = (net(one) - net(torch.zeros(1, len(vocab)))).squeeze(1)
print('riskiest:', [vocab[i] for i in eff.argsort(descending=True)[:5]])
print('safest  :', [vocab[i] for i in eff.argsort()[:5]])
