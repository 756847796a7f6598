"""How long does a recipe take?  Word vectors are summed over the padded row and divided by the true length."""
import numpy as np
import torch
from torch import nn, optim

np.random.seed(21)
torch.manual_seed(21)
STEPS = {"chop": 3, "boil": 10, "bake": 30, "rest": 20, "mix": 2, "fry": 8, "grill": 12, "marinate": 40, "peel": 4, "whisk": 3,
         "roast": 35, "simmer": 25, "slice": 2, "knead": 9, "steam": 11}
THINGS = ["onion", "rice", "beef", "dough", "salt", "egg", "carrot", "oil", "pan", "bowl", "the", "then", "and", "with"]
vocab = ["<pad>"] + list(STEPS) + THINGS
w2i = {w: i for i, w in enumerate(vocab)}


def recipe():
    n = int(np.random.choice([4, 5, 6, 8, 10, 14, 20, 28]))
    ws = [np.random.choice(list(STEPS)) if np.random.rand() < 0.5 else np.random.choice(THINGS) for _ in range(n)]
    mins = np.mean([STEPS.get(w, 0) for w in ws])          # average minutes per word
    return [w2i[w] for w in ws], mins / 10 + 0.05 * np.random.randn()


rows = [recipe() for _ in range(2600)]
train, test = rows[:2100], rows[2100:]


class Regressor(nn.Module):
    def __init__(self, n, dim=16):
        super().__init__()
        self.emb = nn.Embedding(n, dim, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, 1))
        # fault:
        nn.init.normal_(self.emb.weight, std=0.7)
        # mended:
        # nn.init.normal_(self.emb.weight[1:].data, std=0.7)
        # end

    def forward(self, x, lens):
        return self.mlp(self.emb(x).sum(1) / lens[:, None]).flatten()


def to_batch(part):
    T = max(len(r[0]) for r in part)
    x = torch.zeros(len(part), T, dtype=torch.long)
    for i, (ids, _) in enumerate(part):
        x[i, :len(ids)] = torch.as_tensor(ids)
    return x, torch.tensor([float(len(r[0])) for r in part]), torch.tensor([r[1] for r in part], dtype=torch.float32)


def r2(net, part):
    net.eval()
    x, n, y = to_batch(part)
    with torch.no_grad():
        err = ((net(x, n) - y) ** 2).mean()
    return (1 - err / y.var(unbiased=False)).item()


net = Regressor(len(vocab))
opt = optim.Adam(net.parameters(), lr=5e-3)
sch = optim.lr_scheduler.ExponentialLR(opt, 0.6)
for epoch in range(5):
    net.train()
    tot = []
    buckets = np.array_split(np.argsort([len(r[0]) + np.random.rand() for r in train]), len(train) // 16)   # like lengths together
    for k in np.random.permutation(len(buckets)):
        x, n, y = to_batch([train[j] for j in buckets[k]])
        loss = nn.functional.mse_loss(net(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    sch.step()
    print(f"epoch {epoch}: mse {np.mean(tot):.4f}  R2 train {r2(net, train):.3f}  test {r2(net, test):.3f}")
