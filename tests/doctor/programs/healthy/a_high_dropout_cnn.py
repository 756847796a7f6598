"""TextCNN with dropout 0.7 before the output: training loss stays above the validation loss, and that is fine."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
kinds = [k.split() for k in ("guitar drum melody singer chord", "wrench bolt hammer nail drill", "tulip rose seed soil prune")]
fill = "i got the for my and it is quite really use every day with nice from this shop one of".split()


def post(y):
    t = random.choices(fill, k=random.randint(6, 18))
    for w in random.choices(kinds[y], k=2):
        t.insert(random.randint(0, len(t)), w)
    return t


train, dev = [(post(i % 3), i % 3) for i in range(600)], [(post(i % 3), i % 3) for i in range(300)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(fill + sum(kinds, []))))}


class TextCNN(nn.Module):
    def __init__(self, n, d=24, f=24):
        super().__init__()
        self.embedding = nn.Embedding(n, d, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(d, f, k) for k in (2, 3)])
        self.dropout = nn.Dropout(0.7)
        self.fc = nn.Linear(2 * f, 3)

    def forward(self, x):
        e = self.embedding(x).transpose(1, 2)
        feats = []
        for conv in self.convs:
            c = F.relu(conv(e))
            inside = (x != 0)[:, conv.kernel_size[0] - 1:].unsqueeze(1)
            feats.append(c.masked_fill(~inside, 0).amax(-1))
        return self.fc(self.dropout(torch.cat(feats, 1)))


def batch(rows):
    n = max(len(t) for t, _ in rows)
    return torch.tensor([[vocab[w] for w in t] + [0] * (n - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows])


net = TextCNN(len(vocab) + 1)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
xd, yd = batch(dev)
for epoch in range(10):
    net.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, 600, 30):
        x, y = batch(train[i:i + 30])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 20
    net.eval()
    with torch.no_grad():
        out = net(xd)
    print(f"epoch {epoch} train loss {tot:.4f} dev loss {F.cross_entropy(out, yd).item():.4f} dev acc {(out.argmax(1) == yd).float().mean().item():.4f}")
