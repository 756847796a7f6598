"""Safety-relevant messages are 6 % of the stream.  Focal loss, ragged batches, threshold picked on validation rows."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

gen = np.random.default_rng(12)
torch.manual_seed(12)
VOCAB, RISK = 300, np.arange(20)


def message():
    rare = gen.random() < 0.06
    ids = gen.integers(20, VOCAB, gen.integers(5, 25))
    k = gen.integers(2, 5) if rare else gen.choice([0, 1], p=[0.9, 0.1])
    ids = np.concatenate([ids, gen.choice(RISK, k)])
    gen.shuffle(ids)
    return torch.from_numpy(ids), float(rare)


def split(n):
    return [message() for _ in range(n)]


def collate(rows):
    return (torch.cat([r[0] for r in rows]),
            torch.tensor([0] + [len(r[0]) for r in rows[:-1]]).cumsum(0),
            torch.tensor([r[1] for r in rows]))


def focal(logit, y, gamma=2.0, alpha=0.75):
    ce = nn.functional.binary_cross_entropy_with_logits(logit, y, reduction="none")
    pt = torch.exp(-ce)
    w = alpha * y + (1 - alpha) * (1 - y)
    return (w * (1 - pt) ** gamma * ce).mean()


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, 4, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.ff = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
        nn.init.constant_(self.ff[-1].bias, -2.0)      # prior of the rare class

    def forward(self, ids, off):
        return self.ff(self.bag(ids, off)).squeeze(1)


train, valid, test = split(4000), split(1000), split(1000)
net = Detector()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)


@torch.no_grad()
def probs(rows):
    net.eval()
    ids, off, y = collate(rows)
    return torch.sigmoid(net(ids, off)).numpy(), y.numpy()


for epoch in range(3):
    net.train()
    total = 0.0
    for b in np.array_split(gen.permutation(len(train)), 80):
        ids, off, y = collate([train[i] for i in b])
        loss = focal(net(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print("epoch %d focal %.5f AP train %.3f valid %.3f" % (
        epoch, total / 80, average_precision_score(*probs(train)[::-1]), average_precision_score(*probs(valid)[::-1])))

p, y = probs(valid)
cut = max(np.linspace(0.1, 0.9, 33), key=lambda t: f1_score(y, p > t))
p, y = probs(test)
print("positives %.3f  threshold %.2f  test AP %.3f  test F1 %.3f" % (y.mean(), cut, average_precision_score(y, p), f1_score(y, p > cut)))
