# assign forum posts to one of eight boards (bag of words, mean embedding)
import argparse
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float, default=2.5e-3)
parser.add_argument('--dim', type=int, default=24)
parser.add_argument('--batch', type=int, default=64)
# fault:
parser.add_argument('--epochs', type=int, default=2)
# mended:
# parser.add_argument('--epochs', type=int, default=12)
# end
args = parser.parse_args()

rng = np.random.default_rng(99)
torch.manual_seed(99)
BOARDS = ['garden', 'cars', 'cooking', 'linux', 'music', 'travel', 'chess', 'fitness']
V = 900                                             # word ids, board words come from a band of their own
zipf = 1 / np.arange(1, 301); zipf /= zipf.sum()


def post(board):
    n = rng.integers(8, 25)
    words = rng.choice(300, n, p=zipf)              # everybody's words
    own = rng.random(n) < 0.35
    words[own] = 300 + board * 75 + rng.integers(0, 75, own.sum())
    other = rng.random(n) < 0.12                    # people digress
    words[other] = 300 + rng.integers(0, 600, other.sum())
    return words


labels = rng.integers(0, 8, 4000)
posts = [post(b) for b in labels]
n_train = 3200


class Boards(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(V, args.dim, mode='mean')
        self.fc = nn.Linear(args.dim, len(BOARDS))
        nn.init.normal_(self.bag.weight, std=0.3)

    def forward(self, flat, offsets):
        return self.fc(self.bag(flat, offsets))


def pack(idx):
    chosen = [posts[i] for i in idx]
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in chosen])[:-1]])
    return torch.from_numpy(np.concatenate(chosen)), torch.from_numpy(offsets), torch.from_numpy(labels[idx])


def evaluate(model, idx):
    model.eval()
    with torch.no_grad():
        flat, off, y = pack(idx)
        out = model(flat, off)
        return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


model = Boards()
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
dev = np.arange(n_train, len(posts))
for epoch in range(args.epochs):
    model.train()
    order = rng.permutation(n_train)
    total = 0.0
    for s in range(0, n_train, args.batch):
        flat, off, y = pack(order[s:s + args.batch])
        loss = F.cross_entropy(model(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    dl, da = evaluate(model, dev)
    print('epoch %2d | train loss %.4f | dev loss %.4f | dev acc %.3f' % (epoch + 1, total / n_train, dl, da))
print('train acc %.3f, dev acc %.3f' % (evaluate(model, np.arange(n_train))[1], evaluate(model, dev)[1]))
