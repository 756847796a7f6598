"""Bi-LSTM with a CRF layer that marks names of people and places."""
import random

import torch
import torch.nn as nn

random.seed(2)
torch.manual_seed(2)
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
first = "anna john mary peter lena omar ivan rosa paul nina hugo vera".split()
last = "smith brown jordan lincoln paris georgia keller rossi novak silva".split()
place = ["new york", "san jose", "paris", "georgia", "lincoln", "cape town", "rome", "oslo", "jordan", "buenos aires"]
verbs = "met saw called visited left praised joined".split()
tails = ["on monday", "last week", "again", "after the game", "without a word", "in the spring"]


def person():
    w = [random.choice(first)] + ([random.choice(last)] if random.random() < 0.7 else [])
    return w, ["B-PER"] + ["I-PER"] * (len(w) - 1)


def location():
    w = random.choice(place).split()
    return w, ["B-LOC"] + ["I-LOC"] * (len(w) - 1)


def sentence():
    words, tags = person()
    for w in [random.choice(verbs)]:
        words, tags = words + [w], tags + ["O"]
    w, t = person()
    words, tags = words + w, tags + t
    if random.random() < 0.8:
        w, t = location()
        words, tags = words + [random.choice(["in", "near", "from"])] + w, tags + ["O"] + t
    tail = random.choice(tails).split()
    return tuple(words + tail), tuple(tags + ["O"] * len(tail))


class CRF(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.start = nn.Parameter(torch.empty(n).uniform_(-0.1, 0.1))
        self.end = nn.Parameter(torch.empty(n).uniform_(-0.1, 0.1))
        self.trans = nn.Parameter(torch.empty(n, n).uniform_(-0.1, 0.1))

    def forward(self, e, tags):
        """Log likelihood of the tags given the emission scores of one sentence."""
        score = self.start[tags[0]] + e[0, tags[0]]
        alpha = self.start + e[0]
        for i in range(1, len(tags)):
            score = score + self.trans[tags[i - 1], tags[i]] + e[i, tags[i]]
            alpha = torch.logsumexp(alpha.unsqueeze(1) + self.trans, 0) + e[i]
        return score + self.end[tags[-1]] - torch.logsumexp(alpha + self.end, 0)

    def decode(self, e):
        best, back = self.start + e[0], []
        for row in e[1:]:
            m, arg = (best.unsqueeze(1) + self.trans).max(0)
            best = m + row
            back.append(arg)
        path = [int((best + self.end).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self, n_words):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 24)
        self.lstm = nn.LSTM(24, 24, bidirectional=True)
        self.hidden2tag = nn.Linear(48, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        h, _ = self.lstm(self.embedding(x).unsqueeze(1))
        return self.hidden2tag(h.squeeze(1))


data = sorted({sentence() for _ in range(330)})
random.shuffle(data)
word_to_ix = {"<unk>": 0}
for words, _ in data[:240]:
    for w in words:
        word_to_ix.setdefault(w, len(word_to_ix))


def prepare(words, tags):
    return torch.tensor([word_to_ix.get(w, 0) for w in words]), torch.tensor([TAGS.index(t) for t in tags])


train = [prepare(*row) for row in data[:240]]
dev = [prepare(*row) for row in data[240:]]
model = Tagger(len(word_to_ix))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for x, y in train:
        model.zero_grad()
        # fault:
        loss = model.crf(model.emissions(x), y)
        # mended:
        # loss = -model.crf(model.emissions(x), y)
        # end
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        right = sum(model.crf.decode(model.emissions(x)) == y.tolist() for x, y in dev)
    print(f"epoch {epoch} loss {total / len(train):.3f} sentences fully right {right / len(dev):.3f}")
