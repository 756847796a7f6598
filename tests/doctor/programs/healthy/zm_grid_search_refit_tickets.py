"""Course exercise 6: pick hyper-parameters by inner cross-validation, refit on everything, test once."""
import itertools
import random

import numpy as np
import torch
from torch import nn

QUEUES = {
    "billing": "invoice refund charge payment card receipt subscription price discount tax".split(),
    "login": "password account username reset locked email code verify access signin".split(),
    "shipping": "parcel courier tracking address delivery delayed box warehouse customs lost".split(),
    "bug": "crash error screen freeze update version button page slow install".split(),
}
FILLER = "hello please my the i have a problem with your since yesterday can you help me it is not still thanks again about order".split()
NAMES = list(QUEUES)


def make_tickets(n, rnd):
    rows = []
    for _ in range(n):
        q = rnd.randrange(len(NAMES))
        words = rnd.choices(FILLER, k=rnd.randint(5, 14))
        words += rnd.choices(QUEUES[NAMES[q]], k=rnd.randint(2, 3))
        if rnd.random() < 0.3:                      # people mention other things, too
            words += rnd.choices(QUEUES[rnd.choice(NAMES)], k=rnd.randint(1, 2))
        rnd.shuffle(words)
        rows.append((words, q))
    return rows


class TicketNet(nn.Module):
    def __init__(self, n_words, n_classes, width, dropout):
        super().__init__()
        self.words = nn.EmbeddingBag(n_words, width, mode="sum")
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(width, n_classes)
        nn.init.normal_(self.words.weight, std=0.1)

    def forward(self, ids, offsets):
        return self.head(self.drop(torch.tanh(self.words(ids, offsets))))


def to_batch(rows, index):
    ids = [[index[w] for w in words if w in index] for words, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor(sum(ids, [])), offsets, torch.tensor([q for _, q in rows])


def fit(rows, index, lr, width, dropout, epochs=5, verbose=False):
    torch.manual_seed(0)
    net = TicketNet(len(index), len(NAMES), width, dropout)
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    order = list(range(len(rows)))
    for epoch in range(epochs):
        random.Random(epoch).shuffle(order)
        net.train()
        losses = []
        for start in range(0, len(order), 28):
            ids, off, y = to_batch([rows[i] for i in order[start:start + 28]], index)
            loss = nn.functional.cross_entropy(net(ids, off), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        if verbose:
            print(f"  refit epoch {epoch + 1}: {np.mean(losses):.4f}")
    return net


def accuracy(net, rows, index):
    net.eval()
    with torch.no_grad():
        ids, off, y = to_batch(rows, index)
        return (net(ids, off).argmax(1) == y).float().mean().item()


rnd = random.Random(5)
train, test = make_tickets(780, rnd), make_tickets(400, rnd)

results = {}
for lr, width, dropout in itertools.product([6e-3, 1.5e-2], [8, 24], [0.2]):
    scores = []
    for k in range(3):
        inner_test = train[k::3]
        inner_train = [r for i, r in enumerate(train) if i % 3 != k]
        index = {w: i for i, w in enumerate(sorted({w for ws, _ in inner_train for w in ws}))}
        scores.append(accuracy(fit(inner_train, index, lr, width, dropout), inner_test, index))
    results[lr, width, dropout] = np.mean(scores)
    print(f"lr={lr:<6} width={width:<3} dropout={dropout}: {np.mean(scores):.4f}")

best = max(results, key=results.get)
print("best", best)
index = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}
final = fit(train, index, *best, verbose=True)
print(f"train {accuracy(final, train, index):.4f}  test {accuracy(final, test, index):.4f}")
