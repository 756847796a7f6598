"""Which of three parties is the tweet about? The stream is full of retweets."""
import random

import torch
from torch import nn

random.seed(47)
torch.manual_seed(47)
names = [f"name{i}" for i in range(1400)]
party = {n: random.randrange(3) for n in names}
chatter = [f"w{i}" for i in range(200)]
zipf = [1 / (i + 8) for i in range(len(names))]


def tweet():
    p = random.randrange(3)
    hits = [n for n in random.choices(names, zipf, k=12) if party[n] == p][:2] or random.choices(names, zipf, k=1)
    t = hits + random.choices(chatter, k=random.randint(4, 8))
    random.shuffle(t)
    return " ".join(t), party[hits[0]]


stream = []
for _ in range(1500):
    stream += [tweet()] * random.choice([1, 1, 2, 4, 6])
random.shuffle(stream)
# fault:
cut = int(0.8 * len(stream))
# mended:
# stream = list(dict.fromkeys(stream))
# cut = int(0.8 * len(stream))
# end
train, dev = stream[:cut], stream[cut:]
stoi = {"<pad>": 0, "<rare>": 1}
counts = {}
for t, _ in train:
    for w in t.split():
        counts[w] = counts.get(w, 0) + 1
for w, c in counts.items():
    if c > 1:
        stoi[w] = len(stoi)


def tensors(rows):
    ids = [torch.tensor([stoi.get(w, 1) for w in t.split()]) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 32, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(32, 3)

    def forward(self, x):
        real = (x > 0).unsqueeze(2)
        e = self.drop(self.emb(x)) * real
        return self.fc(e.sum(1) / real.sum(1))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = tensors(train)
xd, yd = tensors(dev)
print(len(train), "train", len(dev), "dev")
for epoch in range(6):
    net.train()
    for b in torch.randperm(len(x)).split(32):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
