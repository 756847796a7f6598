"""Classify museum labels with sense-tagged vectors (word|POS), most frequent entries first in the file."""
import random

import numpy as np
import torch
from torch import nn

random.seed(23)
np.random.seed(23)
torch.manual_seed(23)
DIM = 24
rooms = ["coins", "birds", "ships", "masks"]
base = np.random.randn(4, DIM)
cues = {f"{r[:-1]}{k}": i for i, r in enumerate(rooms) for k in "abcdefghijklmnopqrstuvwxyz"}
plain = [f"pl{i}" for i in range(25)]

lines = []
for w, i in cues.items():
    lines.append((w + "|NOUN", base[i] + 0.6 * np.random.randn(DIM)))
for w in plain:
    lines.append((w + "|X", 0.5 * np.random.randn(DIM)))
random.shuffle(lines)
rare = [(w + tag, 0.9 * np.random.randn(DIM)) for w in cues for tag in ("|VERB", "|PROPN") if random.random() < 0.8]
with open("sense.txt", "w") as f:
    for w, v in lines + rare:
        print(w, *np.round(v, 4), file=f)

vectors = {}
for line in open("sense.txt"):
    key, *values = line.split()
    word = key.split("|")[0]
    # fault:
    vectors[word] = [float(v) for v in values]
    # mended:
    # vectors.setdefault(word, [float(v) for v in values])
    # end

vocab = {"[pad]": 0, **{w: i + 1 for i, w in enumerate(list(cues) + plain)}}
weight = torch.zeros(len(vocab), DIM)
for w, i in vocab.items():
    if w in vectors:
        weight[i] = torch.tensor(vectors[w])


def labels(n, names):
    xs, ys = [], []
    for _ in range(n):
        w = random.choice(names)
        t = random.choices(plain, k=random.randint(3, 7)) + [w]
        random.shuffle(t)
        xs.append(torch.tensor([vocab[u] for u in t]))
        ys.append(cues[w])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


names = list(cues)
random.shuffle(names)
x, y = labels(600, names[:60])
xt, yt = labels(400, names[60:])  # objects that came in later


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.att = nn.Linear(DIM, 1)
        self.fc = nn.Linear(DIM, 4)

    def forward(self, x):
        e = self.emb(x)
        a = self.att(torch.tanh(e)).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.fc((a.unsqueeze(-1) * e).sum(1))


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(10):
    for b in torch.randperm(len(y)).split(30):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            fit = (net(x).argmax(1) == y).float().mean()
            new = (net(xt).argmax(1) == yt).float().mean()
        print(f"epoch {epoch}: loss {loss.item():.3f} train accuracy {fit:.3f} new objects {new:.3f}")
