"""Two-level review classifier: words -> sentence vectors -> review vector -> recommend yes/no.

Reviews are simulated: a word has no polarity alone, only "not"/"hardly" before it decides ("not bad", "hardly great").
"""
import random
import torch
import torch.nn as nn

random.seed(99)
torch.manual_seed(99)
GOOD = "great nice superb clean friendly tasty quick fair warm fresh".split()
BAD = "bad dirty rude slow cold bland noisy broken stale unfair".split()
NEG = ["not", "hardly"]
THINGS = "room staff soup bed price view lobby coffee towel service shower pool".split()
VOCAB = {w: i + 1 for i, w in enumerate(GOOD + BAD + NEG + THINGS + ["the", "was", "very", "really"])}


def sentence(positive):
    negate = random.random() < 0.5
    word = random.choice(GOOD if positive != negate else BAD)
    adv = random.choice(NEG) if negate else random.choice(["very", "really"])
    return ["the", random.choice(THINGS), "was", adv, word]


def review():
    label = random.random() < 0.5
    n = random.randint(3, 6)
    k = n // 2 + 1 + random.randint(0, n - n // 2 - 1)            # more than half agree with the label
    kinds = [label] * k + [not label] * (n - k)
    random.shuffle(kinds)
    return [[VOCAB[w] for w in sentence(s)] for s in kinds], int(label)


class SentenceEncoder(nn.Module):
    def __init__(self, dim=12, out=16):
        super().__init__()
        self.emb = nn.Embedding(len(VOCAB) + 1, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, out, kernel_size=2)

    def forward(self, ids):                                       # (sentences, words)
        return torch.relu(self.conv(self.emb(ids).transpose(1, 2))).amax(2)


class ReviewNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.sent = SentenceEncoder()
        self.score = nn.Sequential(nn.Linear(16, 8), nn.Tanh())
        self.head = nn.Linear(8, 1)

    def forward(self, reviews):
        flat = torch.tensor([s for r in reviews for s in r])
        vecs = self.sent(flat)
        docs, start = [], 0
        for r in reviews:
            # fault:
            block = torch.tensor(vecs[start:start + len(r)].tolist())
            # mended:
            # block = vecs[start:start + len(r)]
            # end
            docs.append(self.score(block).mean(0))
            start += len(r)
        return self.head(torch.stack(docs)).squeeze(1)


data = [review() for _ in range(1800)]
train, test = data[:1350], data[1350:]
net = ReviewNet()
optim = torch.optim.Adam(net.parameters(), lr=0.01)
bce = nn.BCEWithLogitsLoss()


def accuracy(rows):
    net.eval()
    with torch.no_grad():
        out = net([r for r, _ in rows]) > 0
    net.train()
    return sum(int(o) == y for o, (_, y) in zip(out.tolist(), rows)) / len(rows)


for epoch in range(4):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 30):
        part = train[i:i + 30]
        optim.zero_grad()
        loss = bce(net([r for r, _ in part]), torch.tensor([float(y) for _, y in part]))
        loss.backward()
        optim.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / (len(train) / 30):.3f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
