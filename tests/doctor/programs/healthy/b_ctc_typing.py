"""Undo stuck keys with CTC; CTC wants log-probabilities (T, B, C)."""
import random

import torch
from torch import nn

random.seed(308)
torch.manual_seed(308)
WORDS = "sun tree bread milk green paper night glass".split()
A = "abcdefghijklmnopqrstuvwxyz"


def batch(n):
    words = [random.choice(WORDS) for _ in range(n)]
    # a real double letter is typed with a pause between
    typed = ["".join((("_" if i and w[i - 1] == c else "") + c * random.randint(1, 3)) for i, c in enumerate(w)) for w in words]
    x = nn.utils.rnn.pad_sequence([torch.tensor([A.index(c) + 1 if c != "_" else 27 for c in t]) for t in typed], batch_first=True)
    return x, torch.tensor([len(t) for t in typed]), [torch.tensor([A.index(c) + 1 for c in w]) for w in words]


class Typist(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(28, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.out = nn.Linear(48, 27)

    def forward(self, x):
        return self.out(torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2)).log_softmax(-1)


model = Typist()
ctc = nn.CTCLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(1, 151):
    x, n, y = batch(24)
    loss = ctc(model(x).transpose(0, 1), torch.cat(y), n, torch.tensor([len(t) for t in y]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
with torch.no_grad():
    x, n, y = batch(200)
    best = model(x).argmax(-1)
right = 0
for i in range(200):
    path = torch.unique_consecutive(best[i, : n[i]])
    right += path[path > 0].tolist() == y[i].tolist()
print("words right", right / 200)
