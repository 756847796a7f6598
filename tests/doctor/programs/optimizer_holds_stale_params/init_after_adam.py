import random

import torch
import torch.nn as nn

# Guess the mood of a diary line
random.seed(15)
torch.manual_seed(15)
moods = {"happy": "laughed sunshine friends smiled party gift dancing", "sad": "cried lonely rain lost goodbye missed funeral", "angry": "shouted unfair slammed furious argued insult liar",
         "calm": "tea garden slept breeze reading quiet candle", "afraid": "dark trembling nightmare alone storm screamed hiding", "bored": "waiting again nothing yawned clock queue homework"}
rest = "today i was the and then we at home with my mother school after in it a little very work".split()


def line():
    m = random.randrange(6)
    words = random.choices(rest, k=random.randint(4, 10)) + random.sample(list(moods.values())[m].split(), random.randint(1, 2))
    random.shuffle(words)
    return tuple(words), m


lines = list(dict(line() for _ in range(1700)).items())
index = {}
for t, _ in lines:
    for w in t:
        index.setdefault(w, len(index))


class DiaryNet(nn.Module):
    def __init__(self, n, d=24, h=32, c=6):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean")
        self.l1 = nn.Linear(d, h)
        self.l2 = nn.Linear(h, c)

    def forward(self, ids, offsets):
        return self.l2(torch.tanh(self.l1(self.bag(ids, offsets))))


def init_weights(model):
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.EmbeddingBag)):
            w = torch.empty_like(m.weight)
            nn.init.xavier_uniform_(w)
            m.weight = nn.Parameter(w)


def batch(rows):
    ids = [index[w] for t, _ in rows for w in t]
    offsets = torch.tensor([0] + [len(t) for t, _ in rows[:-1]]).cumsum(0)
    return torch.tensor(ids), offsets, torch.tensor([m for _, m in rows])


net = DiaryNet(len(index))
# fault:
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
init_weights(net)
# mended:
# init_weights(net)
# opt = torch.optim.Adam(net.parameters(), lr=5e-3)
# end
train, test = lines[:1300], lines[1300:]
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        ids, offsets, y = batch(train[i : i + 20])
        loss = nn.functional.cross_entropy(net(ids, offsets), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        ids, offsets, y = batch(test)
        acc = (net(ids, offsets).argmax(1) == y).float().mean()
    print("epoch", epoch, "train loss %.3f test acc %.3f" % (loss.item(), acc))
