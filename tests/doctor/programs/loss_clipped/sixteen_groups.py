"""Newsgroup posts, 16 groups, GRU."""
import argparse
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--lr", type=float, default=4e-3)
parser.add_argument("--seed", type=int, default=7)
args = parser.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)

N_GROUPS = 16
common = [f"c{i}" for i in range(80)]
topical = [[f"g{g}w{i}" for i in range(12)] for g in range(N_GROUPS)]
stoi = {w: i for i, w in enumerate(common + sum(topical, []))}


def post(g):
    words = random.choices(common, k=random.randint(4, 10)) + random.choices(topical[g], k=3)
    random.shuffle(words)
    return torch.tensor([stoi[w] for w in words])


groups = [i % N_GROUPS for i in range(2000)]
random.shuffle(groups)
posts = [(post(g), g) for g in groups]
train, test = posts[:1600], posts[1600:]


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi), 48)
        self.gru = nn.GRU(48, 64)
        self.out = nn.Linear(64, N_GROUPS)

    def forward(self, docs):
        packed = pack_sequence(docs, enforce_sorted=False)
        packed = packed._replace(data=self.emb(packed.data))
        _, h = self.gru(packed)
        return self.out(h[-1])


model = GRUClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
criterion = nn.CrossEntropyLoss()
for epoch in range(args.epochs):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), args.batch_size):
        docs, labels = zip(*train[i : i + args.batch_size])
        loss = criterion(model(docs), torch.tensor(labels))
        # fault:
        loss = torch.clamp(loss, min=0.0, max=2.0)  # keep it stable
        # mended:
        # # (gradients are clipped below)
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        docs, labels = zip(*test)
        acc = (model(docs).argmax(1) == torch.tensor(labels)).float().mean()
    print(f"epoch {epoch} loss {total / (len(train) / args.batch_size):.4f} test acc {acc:.4f}")
