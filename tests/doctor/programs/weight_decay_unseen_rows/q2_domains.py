# Cross-domain topic classifier: a deep averaging network on domain-independent word vectors.
# The words of domain B never occur in the labelled documents of domain A; they share the vector space.
import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--topics", type=int, default=8)
ap.add_argument("--words-per-topic", type=int, default=60)
ap.add_argument("--dim", type=int, default=40)
ap.add_argument("--doc-len", type=int, default=12)
ap.add_argument("--epochs", type=int, default=9)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--seed", type=int, default=5)
args = ap.parse_args()

rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

# vectors as a joint pre-training on both domains would leave them
centres = rng.normal(0, 0.22, (args.topics, args.dim))
n_general = 300
topical = np.repeat(centres, args.words_per_topic, 0)
topical = topical + rng.normal(0, 0.28, topical.shape)
general = rng.normal(0, 0.28, (n_general, args.dim))
table = torch.tensor(np.concatenate([topical, general]), dtype=torch.float32)
half = args.words_per_topic // 2


def documents(n, domain):
    """domain 0 uses the first half of each topic's words (and of the general ones), domain 1 the second"""
    y = rng.integers(0, args.topics, n)
    x = np.empty((n, args.doc_len), dtype=np.int64)
    for i, topic in enumerate(y):
        on = rng.random(args.doc_len) < 0.45
        own = topic * args.words_per_topic + domain * half + rng.integers(0, half, args.doc_len)
        gen = args.topics * args.words_per_topic + domain * (n_general // 2) + rng.integers(0, n_general // 2, args.doc_len)
        x[i] = np.where(on, own, gen)
    return torch.tensor(x), torch.tensor(y)


class DAN(nn.Module):
    def __init__(self, vectors, n_out, hidden=48):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.body = nn.Sequential(nn.Linear(vectors.shape[1], hidden), nn.ReLU(), nn.Dropout(0.2),
                                  nn.Linear(hidden, n_out))

    def forward(self, ids):
        return self.body(self.lookup(ids).mean(1))


train_a = documents(3000, 0)
dev_a = documents(600, 0)
test_b = documents(1000, 1)

model = DAN(table, args.topics)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr, weight_decay=1e-3)
# mended:
#optimizer = torch.optim.Adam([{"params": model.lookup.parameters(), "weight_decay": 0.0},
#                              {"params": model.body.parameters(), "weight_decay": 1e-3}], lr=args.lr)
# end
criterion = nn.CrossEntropyLoss()


def accuracy(data):
    model.eval()
    with torch.no_grad():
        return (model(data[0]).argmax(1) == data[1]).float().mean().item()


for epoch in range(args.epochs):
    model.train()
    running = 0.0
    for x, y in DataLoader(TensorDataset(*train_a), batch_size=64, shuffle=True):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    print(f"{epoch:2d}  loss {running / 3000:.3f}  domain A dev {accuracy(dev_a):.3f}  domain B {accuracy(test_b):.3f}")

print(f"transfer accuracy (domain B): {accuracy(test_b):.3f}, chance {1 / args.topics:.3f}")
