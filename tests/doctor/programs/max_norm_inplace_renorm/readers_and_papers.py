"""Matrix factorisation: how far (in pages, log scale, centred) does reader u get in article v?"""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(44)
READERS, ARTICLES, RANK = 150, 200, 3
p, q = torch.randn(READERS, RANK) * 1.4, torch.randn(ARTICLES, RANK) * 1.2
bias = torch.randn(ARTICLES) * 0.5
cells = torch.randperm(READERS * ARTICLES)[:9000]
u, v = cells // ARTICLES, cells % ARTICLES
r = (p[u] * q[v]).sum(1) + bias[v] + 0.4 * torch.randn(len(cells))
train, dev = random_split(TensorDataset(u, v, r), [8000, 1000])


class Factorise(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        # fault:
        self.reader = nn.Embedding(READERS, k, max_norm=1.0)
        self.article = nn.Embedding(ARTICLES, k, max_norm=1.0)
        # mended:
        # self.reader = nn.Embedding(READERS, k)
        # self.article = nn.Embedding(ARTICLES, k)
        # end
        self.b = nn.Embedding(ARTICLES, 1)
        for e in (self.reader, self.article, self.b):
            nn.init.normal_(e.weight, std=0.3)

    def forward(self, u, v):
        return (self.reader(u) * self.article(v)).sum(-1) + self.b(v).squeeze(-1)


def rmse(model, ds):
    with torch.no_grad():
        u, v, r = ds.dataset[ds.indices]
        return (model(u, v) - r).pow(2).mean().sqrt().item()


model = Factorise()
opt = torch.optim.Adagrad(model.parameters(), lr=0.3, weight_decay=1e-4)
for epoch in range(14):
    for a, b, t in DataLoader(train, batch_size=80, shuffle=True):
        opt.zero_grad()
        loss = (model(a, b) - t).pow(2).mean()
        loss.backward()
        opt.step()
    if epoch % 2:
        print(f"epoch {epoch} loss {loss.item():.4f} dev rmse {rmse(model, dev):.4f}")
