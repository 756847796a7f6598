"""Attention pooling: a learned score per word, softmax over the sentence, weighted sum."""
import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(15)
torch.manual_seed(15)

KEY = {0: ["refund", "invoice", "charge"], 1: ["crash", "freeze", "bug"], 2: ["login", "password", "locked"]}
VOC = "hello dear team since the last update i see that my on phone every day please could you check it again thank and best wishes from".split()


def mail():
    y = random.randrange(3)
    n = min(3 + int(random.expovariate(0.12)), 70)
    words = random.choices(VOC, k=n)
    words.insert(random.randint(0, n), random.choice(KEY[y]))
    if random.random() < 0.5:  # a second subject mentioned in passing: earlier mention wins
        other = random.choice([k for k in KEY if k != y])
        words.append(random.choice(KEY[other]))
    return words, y


data = [mail() for _ in range(1300)]
train, dev = data[:1000], data[1000:]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(VOC + sum(KEY.values(), []))))}


class AttentivePooling(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(size, size), nn.Tanh(), nn.Linear(size, 1))

    def forward(self, states, mask):
        e = self.score(states).squeeze(-1)
        # fault:
        a = F.softmax(e, dim=1)
        # mended:
        # a = F.softmax(e.masked_fill(~mask, float("-inf")), dim=1)
        # end
        return torch.bmm(a.unsqueeze(1), states).squeeze(1)


class MailRouter(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.words = nn.Embedding(n, d, padding_idx=0)
        self.context = nn.Conv1d(d, d, 5, padding=2)
        self.pool = AttentivePooling(d)
        self.top = nn.Linear(d, 3)

    def forward(self, ids):
        mask = ids != 0
        h = torch.tanh(self.context(self.words(ids).transpose(1, 2)).transpose(1, 2))
        return self.top(self.pool(h, mask))


def to_tensor(rows):
    return pad_sequence([torch.tensor([vocab[w] for w in ws]) for ws, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


router = MailRouter(len(vocab) + 1)
optimizer = torch.optim.Adam(router.parameters(), lr=4e-3)
for epoch in range(8):
    router.train()
    # batches of similar length
    train.sort(key=lambda r: len(r[0]) + random.random())
    blocks = [train[i:i + 25] for i in range(0, len(train), 25)]
    random.shuffle(blocks)
    total = 0
    for block in blocks:
        ids, y = to_tensor(block)
        loss = F.cross_entropy(router(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    router.eval()
    with torch.no_grad():
        ids, y = to_tensor(dev)
        print(epoch, "loss %.4f" % (total / len(blocks)), "dev acc %.4f" % (router(ids).argmax(1) == y).float().mean())
