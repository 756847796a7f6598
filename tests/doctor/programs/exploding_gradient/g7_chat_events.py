"""Support chats as event sequences: which of two key events came last decides how the case is closed.
A recurrent cell with skip connections through time, written by hand."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(4)
gen = np.random.default_rng(4)
EVENTS = ["greet", "ask", "answer", "link", "wait", "hold", "thanks", "typing", "survey", "refund_promised", "refund_denied", "handed_over"]
KEY = [9, 10, 11]
T = 64


def make(n):
    x = gen.integers(0, 9, size=(n, T))
    for row in x:
        spots = gen.choice(T, size=gen.integers(1, 4), replace=False)
        row[spots] = gen.choice(KEY, size=len(spots))
    last = [next(e for e in row[::-1] if e >= 9) for row in x]
    return torch.tensor(x), torch.tensor(last) - 9


xtr, ytr = make(1500)
xte, yte = make(400)


class SkipCell(nn.Module):
    def __init__(self, n_in, hidden):
        super().__init__()
        self.inp = nn.Linear(n_in, hidden)
        self.rec = nn.Linear(hidden, hidden, bias=False)
        self.gate = nn.Linear(n_in, hidden)

    def forward(self, e, h):
        new = torch.relu(self.inp(e) + self.rec(h))
        z = torch.sigmoid(self.gate(e))
        # fault:
        return h + z * new
        # mended:
        #return (1 - z) * h + z * new
        # end


class ChatNet(nn.Module):
    def __init__(self, n_events, emb=12, hidden=48, classes=3):
        super().__init__()
        self.emb = nn.Embedding(n_events, emb)
        self.cell = SkipCell(emb, hidden)
        self.fc = nn.Linear(hidden, classes)
        self.hidden = hidden

    def forward(self, x):
        h = torch.zeros(x.size(0), self.hidden)
        for e in self.emb(x).unbind(1):
            h = self.cell(e, h)
        return self.fc(h)


model = ChatNet(len(EVENTS))
opt = torch.optim.Adam(model.parameters(), lr=0.005)
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


print("most frequent class", torch.bincount(yte).max().item() / len(yte))
for epoch in range(7):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(xtr)).split(50):
        loss = loss_fn(model(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch} loss {total / len(xtr):.3f} train {accuracy(xtr, ytr):.3f} test {accuracy(xte, yte):.3f}")
