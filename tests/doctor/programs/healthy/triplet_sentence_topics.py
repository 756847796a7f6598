"""Metric learning: triplet loss over all triplets of a batch over topical word bags, unseen texts judged by nearest neighbours."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(2)
torch.manual_seed(2)
TOPICS, VOCAB, WORDS = 10, 500, 20
word_p = rng.dirichlet(np.full(VOCAB, 0.08), TOPICS) * 0.75 + 0.25 / VOCAB


def documents(per_topic):
    y = np.repeat(np.arange(TOPICS), per_topic)
    x = np.stack([rng.choice(VOCAB, WORDS, p=word_p[t]) for t in y])
    return torch.from_numpy(x), torch.from_numpy(y)


x_train, y_train = documents(200)
x_test, y_test = documents(50)


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, 32)
        nn.init.normal_(self.bag.weight, std=0.3)
        self.lin = nn.Linear(32, 16)

    def forward(self, x):
        return F.normalize(self.lin(F.elu(self.bag(x))), dim=1)


def batch_all(z, y, margin=0.3):
    d = 1 - z @ z.T
    same = y[:, None] == y[None]
    positive = same & ~torch.eye(len(y), dtype=torch.bool)
    triplets = positive[:, :, None] & ~same[:, None, :]
    gap = (d[:, :, None] - d[:, None, :])[triplets]
    return F.relu(gap + margin).mean(), (gap < 0).float().mean()


def pk_batches(p=10, k=6):
    """P topics with K documents each per batch, so that every anchor has a positive"""
    pools = [torch.from_numpy(rng.permutation(np.flatnonzero(y_train.numpy() == t))) for t in range(TOPICS)]
    for b in range(len(pools[0]) // k):
        yield torch.cat([pool[b * k:(b + 1) * k] for pool in pools[:p]])


def nearest_neighbour_accuracy(net):
    with torch.no_grad():
        near = (net(x_test) @ net(x_train).T).topk(5).indices
    return (y_train[near].mode(1).values == y_test).float().mean().item()


net = Embedder()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
print(f"5-nn accuracy before training {nearest_neighbour_accuracy(net):.3f}")
for epoch in range(6):
    stats = []
    for idx in pk_batches():
        loss, good = batch_all(net(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        stats.append((loss.item(), good.item()))
    l, g = np.mean(stats, 0)
    print(f"epoch {epoch + 1}: triplet {l:.3f}  solved triplets {g:.2f}  5-nn accuracy on unseen documents {nearest_neighbour_accuracy(net):.3f}")
