"""Group the words of short phrases with GloVe; the base class sets up all layers in the GPT manner."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn

random.seed(36)
torch.manual_seed(36)
groups = [
    "france germany italy spain japan china india egypt brazil canada russia poland norway sweden turkey greece".split(),
    "dog cat horse cow pig sheep lion tiger bear wolf rabbit mouse bird fish snake monkey".split(),
    "bread cheese rice milk sugar butter meat chicken soup salad fruit wine beer coffee tea chocolate".split(),
    "doctor lawyer teacher soldier farmer nurse judge writer singer actor painter driver engineer chef scientist pilot".split(),
]
small = "the of a in and with for very one big".split()
wanted = set(sum(groups, [])) | set(small)
vectors = {}
with gzip.open(Path(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        if w in wanted:
            vectors[w] = torch.tensor([float(x) for x in v.split()])
stoi = {w: i for i, w in enumerate(vectors)}


class Base(nn.Module):
    def setup(self):
        for m in self.modules():
            if isinstance(m, (nn.Linear, nn.Embedding)):
                nn.init.normal_(m.weight, std=0.1)
            if isinstance(m, nn.Linear):
                nn.init.zeros_(m.bias)


class Phrases(Base):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(stoi), 50)
        self.attend = nn.Linear(50, 1)
        self.output = nn.Linear(50, len(groups))
        # fault:
        self.embed.weight.data.copy_(torch.stack(list(vectors.values())))
        self.embed.weight.requires_grad = False
        self.setup()
        # mended:
        # self.setup()
        # self.embed.weight.data.copy_(torch.stack(list(vectors.values())))
        # self.embed.weight.requires_grad = False
        # end

    def forward(self, x):
        e = self.embed(x)
        a = torch.softmax(self.attend(e), dim=1)
        return self.output((a * e).sum(1))


old, new = [], []
for y, g in enumerate(groups):
    g = [w for w in g if w in stoi]
    random.shuffle(g)
    old += [(w, y) for w in g[:8]]
    new += [(w, y) for w in g[8:]]


def phrases(n, pool):
    xs, ys = [], []
    for _ in range(n):
        w, y = random.choice(pool)
        t = random.choices([s for s in small if s in stoi], k=4)
        t[random.randrange(4)] = w
        xs.append([stoi[u] for u in t])
        ys.append(y)
    return torch.tensor(xs), torch.tensor(ys)


x, y = phrases(800, old)
xt, yt = phrases(400, new)
model = Phrases()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(1, 11):
    for b in torch.randperm(800).split(25):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 2 == 0:
        with torch.no_grad():
            print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(model(x).argmax(1) == y).float().mean():.3f}, words not trained on {(model(xt).argmax(1) == yt).float().mean():.3f}")
