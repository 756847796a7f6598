# Matrix factorisation with biases. Users and items of the test pairs are all known, the pairs are new.
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

rs = np.random.RandomState(8)
n_users, n_items, rank = 150, 100, 3
pu, qi = rs.randn(n_users, rank), rs.randn(n_items, rank)
bu, bi = rs.randn(n_users) * .4, rs.randn(n_items) * .5
full = 3.2 + bu[:, None] + bi[None] + .45 * pu @ qi.T
pairs = rs.permutation(n_users * n_items)[:9000]
u, i = np.divmod(pairs, n_items)
r = np.clip(full[u, i] + rs.randn(len(u)) * .3, .5, 5.5).astype('float32')
u, i, r = map(torch.as_tensor, (u, i, r))
n_test = 1500
train_ds = TensorDataset(u[n_test:], i[n_test:], r[n_test:])
test = u[:n_test], i[:n_test], r[:n_test]
assert set(test[0].tolist()) <= set(u[n_test:].tolist()) and set(test[1].tolist()) <= set(i[n_test:].tolist())


class BiasedMF(torch.nn.Module):
    def __init__(self, k, mean):
        super().__init__()
        self.user, self.item = torch.nn.Embedding(n_users, k), torch.nn.Embedding(n_items, k)
        self.user_b, self.item_b = torch.nn.Embedding(n_users, 1), torch.nn.Embedding(n_items, 1)
        for e in (self.user, self.item):
            torch.nn.init.normal_(e.weight, std=.1)
        for e in (self.user_b, self.item_b):
            torch.nn.init.zeros_(e.weight)
        self.register_buffer('mean', mean)

    def forward(self, u, i):
        return self.mean + self.user_b(u)[:, 0] + self.item_b(i)[:, 0] + (self.user(u) * self.item(i)).sum(-1)

    def penalty(self, u, i):
        return self.user(u).pow(2).sum(-1).mean() + self.item(i).pow(2).sum(-1).mean()


torch.manual_seed(0)
net = BiasedMF(4, r[n_test:].mean())
opt = torch.optim.Adam(net.parameters(), lr=.03)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, .75)
for epoch in range(8):
    sq = 0.
    for bu_, bi_, br in DataLoader(train_ds, batch_size=150, shuffle=True):
        err = net(bu_, bi_) - br
        loss = err.pow(2).mean() + .01 * net.penalty(bu_, bi_)
        opt.zero_grad(); loss.backward(); opt.step()
        sq += err.detach().pow(2).sum().item()
    sched.step()
    with torch.no_grad():
        rmse = (net(*test[:2]) - test[2]).pow(2).mean().sqrt().item()
    print('epoch %d  train rmse %.4f  test rmse %.4f' % (epoch, (sq / len(train_ds)) ** .5, rmse))
print('rmse of the global mean: %.4f' % (test[2] - net.mean).pow(2).mean().sqrt().item())
