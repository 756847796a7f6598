"""Predict a passage's concreteness rating (raters rate whole passages; the norm of a passage is close to the average
over its words).  The network has to find out the word norms by itself.  Port of the 'latent norms' model, R -> torch."""
import argparse
import numpy as np
import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument('--epochs', type=int, default=8)
parser.add_argument('--batch', type=int, default=64)
parser.add_argument('--dim', type=int, default=16)
parser.add_argument('--seed', type=int, default=5)
args = parser.parse_args([])
torch.manual_seed(args.seed)
r = np.random.default_rng(args.seed)

V, LONGEST, PAD = 250, 48, 0
norms = r.uniform(1, 7, size=V)          # hidden truth, never shown to the network


def sample_passages(n):
    ids = np.zeros((n, LONGEST), dtype=np.int64)
    rating = np.zeros(n, dtype=np.float32)
    for i in range(n):
        length = r.integers(4, LONGEST + 1)
        register = r.uniform(-.6, .6)               # concrete or abstract register
        p = np.exp(register * (norms - 4)); p /= p.sum()
        w = r.choice(V, size=length, p=p)
        ids[i, :length] = w + 1
        rating[i] = norms[w].mean() + r.normal(0, .1)
    return torch.from_numpy(ids), torch.from_numpy(rating)


train_ids, train_y = sample_passages(2000)
test_ids, test_y = sample_passages(500)
mu, sd = train_y.mean(), train_y.std()


class LatentNorms(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.words = nn.Embedding(V + 1, dim, padding_idx=PAD)
        self.readout = nn.Sequential(nn.Linear(dim, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, ids):
        e = self.words(ids)
        # fault:
        passage = e.mean(dim=1)
        # mended:
        # present = (ids != PAD).float().unsqueeze(2)
        # passage = (e * present).sum(dim=1) / present.sum(dim=1)
        # end
        return self.readout(passage).squeeze(1)


net = LatentNorms(args.dim)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
mse = nn.MSELoss()

for epoch in range(args.epochs):
    perm = torch.randperm(len(train_y))
    acc = 0
    for start in range(0, len(perm), args.batch):
        b = perm[start:start + args.batch]
        loss = mse(net(train_ids[b]), (train_y[b] - mu) / sd)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        acc += loss.item() * len(b)
    scheduler.step()
    print('epoch {:2d}  train mse {:.4f}'.format(epoch + 1, acc / len(perm)))

net.eval()
with torch.no_grad():
    guess = net(test_ids) * sd + mu
r2 = 1 - ((guess - test_y) ** 2).sum() / ((test_y - test_y.mean()) ** 2).sum()
corr = np.corrcoef(guess.numpy(), test_y.numpy())[0, 1]
print('test R2 {:.3f}   r {:.3f}'.format(r2.item(), corr))
