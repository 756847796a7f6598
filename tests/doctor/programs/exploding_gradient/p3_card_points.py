# Board game: predict the final points from the sequence of cards played.
# Tanh RNN that starts as the identity, so it can count from the first step. Plain SGD with momentum.
import math
import numpy as np
import torch
from torch import nn

np.random.seed(5)
torch.manual_seed(5)

N_CARDS = 24
T = 40
points = np.random.randint(-3, 6, N_CARDS)          # what a card is worth
DOUBLER = 0                                         # doubles the card after it
points[DOUBLER] = 0


def play(n):
    g = np.random.randint(0, N_CARDS, (n, T))
    val = points[g].astype("float32")
    val[:, 1:] *= np.where(g[:, :-1] == DOUBLER, 2, 1)
    return g, val.sum(1)


games, total = play(1900)
mu, sd = total[:1500].mean(), total[:1500].std()
x_all = torch.from_numpy(games)
y_all = torch.from_numpy(((total - mu) / 10).astype("float32"))      # in tens of points
x_tr, y_tr, x_te, y_te = x_all[:1500], y_all[:1500], x_all[1500:], y_all[1500:]


class CountingRNN(nn.Module):
    def __init__(self, n_tokens, d_emb=16, d_hid=32):
        super().__init__()
        self.d_hid = d_hid
        self.card = nn.Embedding(n_tokens, d_emb)
        self.w_in = nn.Linear(d_emb, d_hid)
        self.w_rec = nn.Linear(d_hid, d_hid, bias=False)
        nn.init.normal_(self.w_in.weight, std=0.03)
        nn.init.zeros_(self.w_in.bias)
        nn.init.eye_(self.w_rec.weight)
        self.read = nn.Linear(d_hid, 1)

    def forward(self, ids):
        xs = self.w_in(self.card(ids))
        h = xs.new_zeros(ids.size(0), self.d_hid)
        for t in range(ids.size(1)):
            h = torch.tanh(xs[:, t] + self.w_rec(h))
        return self.read(h)[:, 0]


rnn = CountingRNN(N_CARDS)
sgd = torch.optim.SGD(rnn.parameters(), lr=0.01, momentum=0.9)
epochs, bs = 10, 20
steps = epochs * math.ceil(len(x_tr) / bs)
sched = torch.optim.lr_scheduler.LambdaLR(sgd, lambda s: 1 - s / steps)
mse = nn.MSELoss()


def rmse_points(x, y):
    rnn.eval()
    with torch.no_grad():
        return mse(rnn(x), y).sqrt().item() * 10


history = []
for e in range(epochs):
    rnn.train()
    order = np.random.permutation(len(x_tr))
    for k in range(0, len(order), bs):
        sel = torch.from_numpy(order[k:k + bs])
        sgd.zero_grad()
        loss = mse(rnn(x_tr[sel]), y_tr[sel])
        loss.backward()
        # fault:
        sgd.step()
        # mended:
        #nn.utils.clip_grad_norm_(rnn.parameters(), 0.5)
        #sgd.step()
        # end
        sched.step()
        history.append(loss.item())
    if True:
        print("epoch %2d  mean loss %.4g  max loss %.4g  test rmse %.4g" % (
            e + 1, np.mean(history[-steps // epochs:]), np.max(history[-steps // epochs:]), rmse_points(x_te, y_te)))

print("std of the points %.2f" % sd)
print("train rmse %.3f  test rmse %.3f" % (rmse_points(x_tr, y_tr), rmse_points(x_te, y_te)))
