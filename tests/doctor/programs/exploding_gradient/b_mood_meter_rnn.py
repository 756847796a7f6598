#!/usr/bin/env python
# Running mood of a chat log: every message carries a little positive or negative weight, the net reads the
# whole log and says how the evening went.  ReLU recurrence started at the identity (Le, Jaitly & Hinton 2015).
import math
import torch
from torch import nn

torch.manual_seed(4)
g = torch.Generator().manual_seed(4)

V, T, H = 30, 50, 32
mood = torch.randn(V, generator=g)
mood -= mood.mean()


def logs(n):
    tok = torch.randint(0, V, (n, T), generator=g)
    y = mood[tok].sum(1) / math.sqrt(T)
    return tok, y.unsqueeze(1)


train_tok, train_y = logs(3000)
test_tok, test_y = logs(600)


class MoodRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, 16)
        self.rnn = nn.RNN(16, H, nonlinearity="relu", batch_first=True)
        self.read = nn.Linear(H, 1)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(torch.eye(H))
            self.rnn.bias_hh_l0.zero_()
            self.rnn.bias_ih_l0.zero_()
            nn.init.normal_(self.rnn.weight_ih_l0, std=0.03)
            nn.init.normal_(self.read.weight, std=0.1)

    def forward(self, tok):
        _, h = self.rnn(self.embed(tok))
        return self.read(h[0])


model = MoodRNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
mse = nn.MSELoss()


def r2(tok, y):
    model.eval()
    with torch.no_grad():
        err = mse(model(tok), y).item()
    model.train()
    return 1 - err / y.var().item()


for epoch in range(6):
    losses = []
    if epoch == 4:
        for group in optimizer.param_groups:
            group["lr"] *= 0.25
    for rows in torch.randperm(len(train_tok)).split(50):
        optimizer.zero_grad()
        loss = mse(model(train_tok[rows]), train_y[rows])
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        # end
        optimizer.step()
        losses.append(loss.item())
    print("epoch", epoch + 1, "mse", sum(losses) / len(losses), "R2 train", r2(train_tok, train_y), "test", r2(test_tok, test_y))
