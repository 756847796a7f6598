"""Emails of a shop: five departments. Vectors from a file; order numbers and names have none."""
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(23)
np.random.seed(23)
torch.manual_seed(23)
D = 32
departments = ["returns", "billing", "delivery", "technical", "careers"]
topic = {d: [f"{d[:4]}_{i}" for i in range(30)] for d in departments}
usual = [f"word{i}" for i in range(100)]
people = [f"Name{i}" for i in range(150)]
c = {d: np.random.randn(D) * 0.4 for d in departments}
with open("mail_vectors.txt", "w") as f:
    for w in usual:
        print(w, *np.round(np.random.randn(D) * 0.3, 4), file=f)
    for d in departments:
        for w in topic[d]:
            print(w, *np.round(c[d] + np.random.randn(D) * 0.3, 4), file=f)

mails = {}
while len(mails) < 1200:
    d = random.randrange(5)
    words = random.choices(topic[departments[d]], k=2) + random.choices(usual, k=random.randint(4, 9)) + random.choices(people, k=2)
    random.shuffle(words)
    mails[" ".join(words)] = d
mails = list(mails.items())
train, dev = mails[:600], mails[600:]
word2idx = {}
for text, _ in mails:
    for w in text.split():
        word2idx.setdefault(w, len(word2idx))
pretrained = {}
for line in open("mail_vectors.txt"):
    parts = line.split()
    pretrained[parts[0]] = np.array(parts[1:], dtype=np.float32)

# fault:
weights_matrix = np.empty((len(word2idx), D), dtype=np.float32)
# mended:
# weights_matrix = np.random.normal(scale=0.4, size=(len(word2idx), D)).astype(np.float32)
# end
words_found = 0
for word, i in word2idx.items():
    try:
        weights_matrix[i] = pretrained[word]
        words_found += 1
    except KeyError:
        pass
print(words_found, "of", len(word2idx), "words found")


class MailNet(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(weights), freeze=True, mode="mean")
        self.l1 = nn.Linear(D, 48)
        self.l2 = nn.Linear(48, 5)

    def forward(self, flat, offsets):
        return self.l2(torch.relu(self.l1(self.bag(flat, offsets))))


def encode(rows):
    ids = [[word2idx[w] for w in text.split()] for text, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids]).cumsum(0)[:-1]
    return torch.tensor([j for i in ids for j in i]), offsets, torch.tensor([d for _, d in rows])


net = MailNet(weights_matrix)
opt = torch.optim.Adam(list(net.l1.parameters()) + list(net.l2.parameters()), lr=4e-3)
for epoch in range(15):
    random.shuffle(train)
    for k in range(0, len(train), 25):
        flat, offsets, y = encode(train[k : k + 25])
        loss = nn.functional.cross_entropy(net(flat, offsets), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        flat, offsets, y = encode(dev)
        print(f"epoch {epoch} loss {loss.item():.4f} dev acc {(net(flat, offsets).argmax(1) == y).float().mean():.4f}")
