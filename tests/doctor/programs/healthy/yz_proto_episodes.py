# Prototypical networks on words: few-shot episodes over semantic fields.
# Fields are synthetic: each class is a bag of contexts drawn from its own Dirichlet.
import numpy as np, torch
import torch.nn as nn

rng = np.random.RandomState(3)
torch.manual_seed(3)

VOC, WAY, SHOT, QUERY, LEN = 120, 5, 3, 6, 24
N_TRAIN_CLASSES, N_TEST_CLASSES = 60, 20
topics = rng.dirichlet(np.ones(VOC) * .15, size=12)


def new_class():
    mix = rng.dirichlet(np.ones(12) * .2)
    return mix @ topics


train_cls = [new_class() for _ in range(N_TRAIN_CLASSES)]
test_cls = [new_class() for _ in range(N_TEST_CLASSES)]


def episode(pool):
    chosen = rng.choice(len(pool), WAY, replace=False)
    docs = np.stack([rng.choice(VOC, size=(SHOT + QUERY, LEN), p=pool[c]) for c in chosen])
    docs = torch.from_numpy(docs)
    return docs[:, :SHOT], docs[:, SHOT:]


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOC, d, mode="sum")
        self.out = nn.Linear(d, d)

    def forward(self, docs):
        flat = docs.reshape(-1, docs.shape[-1])
        z = self.out(torch.tanh(self.bag(flat) / LEN ** .5))
        return z.reshape(*docs.shape[:-1], -1)


enc = Encoder()
optim = torch.optim.Adam(enc.parameters(), 8e-3)


def run_episode(pool):
    support, query = episode(pool)
    proto = enc(support).mean(1)                      # way x d
    q = enc(query).reshape(WAY * QUERY, -1)
    d2 = (q.unsqueeze(1) - proto.unsqueeze(0)).pow(2).sum(-1)
    tgt = torch.arange(WAY).repeat_interleave(QUERY)
    return nn.functional.cross_entropy(-d2, tgt), (d2.argmin(1) == tgt).float().mean()


def evaluate(pool, n=30):
    enc.eval()
    with torch.no_grad():
        r = [run_episode(pool)[1].item() for _ in range(n)]
    enc.train()
    return np.mean(r), 1.96 * np.std(r) / n ** .5


print("before: %.3f +- %.3f on novel classes" % evaluate(test_cls))
hist = []
for it in range(1, 301):
    if it == 220:
        for gp in optim.param_groups:
            gp["lr"] *= .2
    loss, acc = run_episode(train_cls)
    optim.zero_grad(); loss.backward(); optim.step()
    hist.append((loss.item(), acc.item()))
    if it % 50 == 0:
        m = np.mean(hist[-50:], 0)
        print(f"iter {it:4d} loss {m[0]:.3f} acc {m[1]:.3f}")
print("base classes : %.3f +- %.3f" % evaluate(train_cls))
print("novel classes: %.3f +- %.3f" % evaluate(test_cls))
