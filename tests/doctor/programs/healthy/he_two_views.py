"""Self-supervised sentence embeddings from two views (word dropout), predictor + stop-gradient + slow target network.
Afterwards a linear probe on the frozen embeddings."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(15)
torch.manual_seed(15)
TOPICS, PER, GENERAL = 6, 40, 120
vocab_size = 1 + TOPICS * PER + GENERAL


def sentence():
    k = random.randrange(TOPICS)
    ids = [1 + k * PER + random.randrange(PER) for _ in range(random.randint(6, 9))]
    ids += [1 + TOPICS * PER + random.randrange(GENERAL) for _ in range(random.randint(3, 6))]
    random.shuffle(ids)
    return ids + [0] * (15 - len(ids)), k


rows = [sentence() for _ in range(4000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
X_train, Y_train, X_test, Y_test = X[:3400], Y[:3400], X[3400:], Y[3400:]


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, d, padding_idx=0)
        self.proj = nn.Sequential(nn.Linear(d, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, d))

    def words(self, x):
        m = (x != 0).float().unsqueeze(-1)
        return (self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1)

    def forward(self, x):
        return self.proj(self.words(x))


def view(x):
    return x * (torch.rand(x.shape) > 0.5)


online = Encoder()
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad_(False)
predictor = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
opt = torch.optim.Adam([*online.parameters(), *predictor.parameters()], lr=3e-3)


def agreement(p, z):
    return -F.cosine_similarity(p, z.detach(), dim=-1).mean()


def probe():
    online.eval()
    with torch.no_grad():
        e, et = online.words(X_train), online.words(X_test)
    e, et = (e - e.mean(0)) / e.std(0), (et - e.mean(0)) / e.std(0)
    w = nn.Linear(e.size(1), TOPICS)
    o = torch.optim.LBFGS(w.parameters(), max_iter=40)

    def closure():
        o.zero_grad()
        loss = F.cross_entropy(w(e[:1000]), Y_train[:1000]) + 1e-3 * w.weight.pow(2).sum()
        loss.backward()
        return loss

    o.step(closure)
    return (w(et).argmax(1) == Y_test).float().mean().item()


print("probe before: %.3f" % probe())
for epoch in range(1, 17):
    online.train()
    total, n = 0.0, 0
    for idx in torch.randperm(len(X_train)).split(100):
        a, b = view(X_train[idx]), view(X_train[idx])
        pa, pb = predictor(online(a)), predictor(online(b))
        with torch.no_grad():
            za, zb = target(a), target(b)
        loss = 0.5 * (agreement(pa, zb) + agreement(pb, za))
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for t, s in zip(target.parameters(), online.parameters()):
                t.lerp_(s, 0.03)
        total, n = total + loss.item(), n + 1
    if epoch % 4 == 0:
        spread = F.normalize(online.words(X_test), dim=-1).std(0).mean().item()
        print("epoch %2d  loss %+.3f  spread %.3f  probe %.3f" % (epoch, total / n, spread, probe()))
