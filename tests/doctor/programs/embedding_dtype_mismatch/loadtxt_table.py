"""Sort short notes by room, vectors read with numpy's loadtxt, LSTM on packed input."""
import random

import numpy as np
import torch
from torch import nn

random.seed(17)
np.random.seed(17)
torch.manual_seed(17)
rooms = {"kitchen": "pan oven sink fork".split(), "garage": "tyre wrench oil jack".split(), "study": "desk lamp book pen".split()}
plain = "please put the in near it is on a we left".split()
words = plain + sum(rooms.values(), [])
np.savetxt("table.txt", np.random.randn(len(words), 14), fmt="%.4f")


class Notes(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=False, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix).float(), freeze=False, padding_idx=0)
        # end
        self.lstm = nn.LSTM(14, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), n, batch_first=True, enforce_sorted=False)
        return self.fc(self.lstm(packed)[1][0][-1])


def make(n):
    xs, ys = [], []
    for _ in range(n):
        k = random.randrange(3)
        t = random.choices(plain, k=random.randint(3, 6)) + random.sample(list(rooms.values())[k], 2)
        random.shuffle(t)
        xs.append(torch.tensor([words.index(w) + 1 for w in t]))
        ys.append(k)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


matrix = np.vstack([np.zeros(14), np.loadtxt("table.txt")])
model = Notes(matrix)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
x, n, y = make(800)
xt, nt, yt = make(300)
for epoch in range(4):
    for b in torch.randperm(800).split(25):
        loss = nn.functional.cross_entropy(model(x[b], n[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(model(xt, nt).argmax(1) == yt).float().mean():.3f}")
