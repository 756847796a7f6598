"""The addressee is named first, the question comes long after: who is asked?"""
import random

import torch
from torch import nn

random.seed(132)
torch.manual_seed(132)
NAMES = "alice boris chen dora".split()
TALK = "well you know the thing about that is we never had time to do it right so".split()
vocab = {w: i for i, w in enumerate(NAMES + TALK)}


def speech(n=28):
    k = random.randrange(4)
    return [k] + [vocab[random.choice(TALK)] for _ in range(n)], k


data = [speech() for _ in range(1500)]
X, Y = torch.tensor([s for s, _ in data]).T, torch.tensor([k for _, k in data])  # X is (T, B)


class Reader(nn.Module):
    def __init__(self, d=24, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d)
        # fault:
        self.rnn = nn.RNN(d, h)
        # mended:
        # self.rnn = nn.GRU(d, h)
        # end
        self.fc = nn.Linear(h, 4)
        # fault:
        # mended:
        # with torch.no_grad():  # start with a long memory: the update gate keeps the state
        #     self.rnn.bias_hh_l0[h : 2 * h] += 3.0
        # end

    def forward(self, x):
        _, h = self.rnn(self.emb(x))
        return self.fc(h[0])


model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    total = 0.0
    for i in torch.randperm(1200).split(30):
        loss = nn.functional.cross_entropy(model(X[:, i]), Y[i])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[:, 1200:]).argmax(1) == Y[1200:]).float().mean().item()
    print(f"epoch {epoch} loss {total / 40:.4f} dev accuracy {acc:.4f}")
