"""Matrix factorisation with biases for book ratings (BookCrossing-like, simulated), PyTorch port of an old
Theano script. One rating at a time is too slow, so minibatches; sparse gradients + plain SGD with momentum off."""
import numpy as np
import torch

rs = np.random.RandomState(77)
torch.manual_seed(77)
N_USERS, N_BOOKS, K = 300, 200, 3
pu, qi = rs.normal(0, .6, (N_USERS, K)), rs.normal(0, .6, (N_BOOKS, K))
bu, bi = rs.normal(0, .4, N_USERS), rs.normal(0, .5, N_BOOKS)
pairs = rs.permutation(N_USERS * N_BOOKS)[:24000]
u, b = pairs // N_BOOKS, pairs % N_BOOKS
r = 3.4 + bu[u] + bi[b] + (pu[u] * qi[b]).sum(1) + rs.normal(0, .3, len(u))
print("ratings: mean %.2f std %.2f, noise floor rmse 0.30" % (r.mean(), r.std()))
u, b, r = torch.tensor(u), torch.tensor(b), torch.tensor(r, dtype=torch.float32)
ntr = 21000
mean = r[:ntr].mean()


class MF(torch.nn.Module):
    def __init__(self):
        super().__init__()
        E = lambda n, d: torch.nn.Embedding(n, d, sparse=True)
        self.P, self.Q, self.bu, self.bi = E(N_USERS, K), E(N_BOOKS, K), E(N_USERS, 1), E(N_BOOKS, 1)
        for e in (self.P, self.Q):
            e.weight.data.normal_(0, 0.3)
        for e in (self.bu, self.bi):
            e.weight.data.zero_()

    def forward(self, i, j):
        dot = (self.P(i) * self.Q(j)).sum(-1)
        return mean + self.bu(i).squeeze(-1) + self.bi(j).squeeze(-1) + dot


model = MF()
opt = torch.optim.SGD(model.parameters(), lr=2.0)
lam = 0.01


def rmse(sl):
    with torch.no_grad():
        return ((model(u[sl], b[sl]) - r[sl]) ** 2).mean().sqrt().item()


BS = 100
for epoch in range(8):
    if epoch in (5, 7):
        for gr in opt.param_groups:
            gr["lr"] *= 0.3
    for idx in torch.randperm(ntr).split(BS):
        opt.zero_grad()
        e = model(u[idx], b[idx]) - r[idx]
        reg = (model.P(u[idx]) ** 2).sum(-1) + (model.Q(b[idx]) ** 2).sum(-1)
        ((e ** 2 + lam * reg).mean()).backward()
        opt.step()
    print("epoch %2d  rmse train %.4f  test %.4f" % (epoch, rmse(slice(0, ntr)), rmse(slice(ntr, None))))
print("always the mean: %.4f" % (r[ntr:] - mean).pow(2).mean().sqrt().item())
