# Explicit ratings, warm started by an SVD of the filled matrix (after the old "SVD then SGD" recipe)
import numpy as np
import torch
from torch import nn

N_USERS, N_ITEMS, RANK, EPOCHS, BATCH = 300, 200, 6, 5, 512
rng = np.random.default_rng(2)
torch.manual_seed(2)


def simulate():
    taste = rng.normal(0, 0.75, (N_USERS, RANK))
    trait = rng.normal(0, 0.75, (N_ITEMS, RANK))
    full = 3 + taste @ trait.T + rng.normal(0, 0.35, (N_USERS, N_ITEMS))
    seen = rng.random((N_USERS, N_ITEMS)) < 0.5
    u, i = np.nonzero(seen)
    r = full[u, i].clip(0, 6).astype(np.float32)
    order = rng.permutation(len(u))
    cut = int(0.85 * len(order))
    pick = lambda idx: tuple(torch.from_numpy(a[idx]) for a in (u, i, r))
    return pick(order[:cut]), pick(order[cut:])


def svd_factors(u, i, r):
    m = np.zeros((N_USERS, N_ITEMS), dtype=np.float32)
    m[u, i] = (r - r.mean()).numpy()
    U, S, Vt = np.linalg.svd(m, full_matrices=False)
    root = np.sqrt(S[:RANK])
    return torch.from_numpy(U[:, :RANK] * root), torch.from_numpy(Vt[:RANK].T * root)


class Factors(nn.Module):
    def __init__(self, users, items, mean):
        super().__init__()
        # fault:
        self.users = nn.Embedding.from_pretrained(users, freeze=False, max_norm=1.0)
        self.items = nn.Embedding.from_pretrained(items, freeze=False, max_norm=1.0)
        # mended:
        # self.users = nn.Embedding.from_pretrained(users, freeze=False)
        # self.items = nn.Embedding.from_pretrained(items, freeze=False)
        # end
        self.register_buffer("mean", mean)

    def forward(self, u, i):
        return self.mean + (self.users(u) * self.items(i)).sum(-1)


def rmse(model, part):
    model.eval()
    with torch.no_grad():
        e = (model(part[0], part[1]) - part[2]).pow(2).mean().sqrt().item()
    model.train()
    return e


class PrintEpoch:
    def __init__(self, model, train, test):
        self.model, self.train, self.test = model, train, test

    def __call__(self, epoch, loss):
        print(f"epoch {epoch} loss {loss:.3f} rmse train {rmse(self.model, self.train):.3f} test {rmse(self.model, self.test):.3f}")


def loop(model, train, callbacks):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(1, EPOCHS + 1):
        losses = []
        for idx in torch.randperm(len(train[0])).split(BATCH):
            u, i, r = (t[idx] for t in train)
            loss = nn.functional.mse_loss(model(u, i), r)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for cb in callbacks:
            cb(epoch, float(np.mean(losses)))


train, test = simulate()
print(len(train[0]), "ratings for training, spread of the test ratings", round(test[2].std().item(), 3))
model = Factors(*svd_factors(*train), train[2].mean())
loop(model, train, [PrintEpoch(model, train, test)])
