"""Small language model with tied input and output embeddings."""
import math
import random

import torch
from torch import nn

random.seed(65)
torch.manual_seed(65)
people = {"mary": "she", "john": "he", "susan": "she", "peter": "he", "linda": "she", "frank": "he"}
food = "bread soup rice fish salad cheese apples cake".split()
verbs = "buys cooks eats wants shares serves".split()
times = "today tonight daily again first alone".split()


def sentence():
    p = random.choice(list(people))
    return [p, random.choice(verbs), random.choice(food), "and", people[p], random.choice(verbs), random.choice(food), random.choice(times), "."]


stream = [w for _ in range(1500) for w in sentence()]
itos = sorted(set(stream))
stoi = {w: i for i, w in enumerate(itos)}
data = torch.tensor([stoi[w] for w in stream])
train, valid = data[:12000], data[12000:13500]


class LM(nn.Module):
    def __init__(self, vocab, dim=128):
        super().__init__()
        self.encoder = nn.Embedding(vocab, dim)
        self.rnn = nn.GRU(dim, dim, batch_first=True)
        self.decoder = nn.Linear(dim, vocab)
        self.decoder.weight = self.encoder.weight
        # fault:
        nn.init.normal_(self.encoder.weight, std=4.0)
        # mended:
        # nn.init.normal_(self.encoder.weight, std=dim**-0.5)
        # end
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x, h=None):
        out, h = self.rnn(self.encoder(x), h)
        return self.decoder(out), h


def windows(seq, length=12):
    n = (len(seq) - 1) // length
    return seq[: n * length].view(n, length), seq[1 : n * length + 1].view(n, length)


model = LM(len(itos))
criterion = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
x, y = windows(train)
xv, yv = windows(valid)
for epoch in range(5):
    total = 0.0
    order = torch.randperm(len(x)).split(40)
    for idx in order:
        logits, _ = model(x[idx])
        loss = criterion(logits.flatten(0, 1), y[idx].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        vl = criterion(model(xv)[0].flatten(0, 1), yv.flatten()).item()
    print(f"epoch {epoch} train loss {total / len(order):.3f} valid loss {vl:.3f} valid ppl {math.exp(min(vl, 20)):.2f}")
