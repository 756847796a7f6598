"""Lab 7 - how strongly does a comment praise or blame?  Regression on lexicon vectors.

The lexicon gives each word a vector: its direction tells the kind of feeling,
its length how intense the word is.  A comment's rating is the sum of its words.
"""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import r2_score

rng = np.random.default_rng(11)
torch.manual_seed(11)

N_WORDS, DIM, WORDS_PER_TEXT = 400, 12, 6
axis = rng.normal(size=DIM)
axis /= np.linalg.norm(axis)
sign = rng.choice([-1.0, 1.0], size=N_WORDS)
strength = rng.lognormal(0.9, 0.8, size=N_WORDS)
side = rng.normal(size=(N_WORDS, DIM)) * 0.25
lexicon = (strength * sign)[:, None] * (axis + side)

texts = rng.integers(0, N_WORDS, size=(3000, WORDS_PER_TEXT))
rating = (strength * sign)[texts].sum(1)
rating = (rating - rating.mean()) / rating.std() + rng.normal(size=3000) * 0.1

X = torch.from_numpy(texts)
Y = torch.tensor(rating, dtype=torch.float32)
train_dl = DataLoader(TensorDataset(X[:2400], Y[:2400]), batch_size=64, shuffle=True)
test_X, test_Y = X[2400:], Y[2400:]


class Strength(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.lexicon = nn.Embedding.from_pretrained(table, freeze=True, max_norm=1.0)
        # mended:
        # self.lexicon = nn.Embedding.from_pretrained(table, freeze=True)
        # end
        self.score = nn.Sequential(nn.Linear(table.size(1), 32), nn.Tanh(), nn.Linear(32, 1))
        self.skip = nn.Linear(table.size(1), 1)

    def forward(self, words):
        v = self.lexicon(words).sum(dim=1)
        return (self.score(v) + self.skip(v)).squeeze(1)


model = Strength(torch.tensor(lexicon, dtype=torch.float32))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
mse = nn.MSELoss()

for epoch in range(10):
    model.train()
    losses = []
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = mse(model(xb), yb)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        pred = model(test_X)
    print("epoch %d  train mse %.4f  test mse %.4f  test R2 %.3f" % (
        epoch, np.mean(losses), mse(pred, test_Y).item(), r2_score(test_Y.numpy(), pred.numpy())))
