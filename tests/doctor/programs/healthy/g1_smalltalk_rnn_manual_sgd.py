# RNN classifier without torch.optim: "p.data.add_(-lr * grad)" as in the old char-rnn tutorial, but with
# momentum and batches of sentences that have the same length (so there is nothing to pad).
import random
from collections import defaultdict
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)

SUBJ = "i you we they anna peter maria the neighbours my parents nobody everybody our teacher".replace("the n", "the_n").replace("my p", "my_p").replace("our t", "our_t").split()
LIKE, HATE, WILL, DID = "love like enjoy adore".split(), "hate dislike fear avoid".split(), "shall will might".split(), "did could had".split()
OBJ = "tea coffee football chess music rain snow cats dogs opera trains spinach maths poetry jazz sailing".split()
ADV = "really often always sometimes never_mind truly honestly usually".split()
categories = ["likes", "dislikes", "future", "past"]


def talk():
    c = random.randrange(4)
    verb = {0: LIKE, 1: HATE, 2: WILL, 3: DID}[c]
    s = [random.choice(SUBJ)] + random.sample(ADV, random.randint(0, 2)) + [random.choice(verb)]
    s += ["the"] * random.randint(0, 1) + [random.choice(OBJ)]
    if random.random() < 0.5:
        s += ["and", random.choice(OBJ)]
    if random.random() < 0.3:
        s += ["said", random.choice(SUBJ)]
    return tuple(s), c


lines = {}
while len(lines) < 2500:
    s, c = talk()
    lines[s] = c
lines = list(lines.items())
random.shuffle(lines)
train_lines, test_lines = lines[:2000], lines[2000:]
all_words = sorted({w for s, _ in train_lines for w in s})
index = {w: i for i, w in enumerate(all_words)}


def same_length_batches(part, size):
    groups = defaultdict(list)
    for s, c in part:
        groups[len(s)].append((s, c))
    out = []
    for g in groups.values():
        random.shuffle(g)
        for i in range(0, len(g), size):
            chunk = g[i:i + size]
            out.append((torch.tensor([[index[w] for w in s] for s, _ in chunk]).t(), torch.tensor([c for _, c in chunk])))
    random.shuffle(out)
    return out


class RNN(nn.Module):
    def __init__(self, n_words, n_hidden, n_categories):
        super().__init__()
        self.n_hidden = n_hidden
        self.look = nn.Embedding(n_words, n_hidden)
        self.i2h = nn.Linear(2 * n_hidden, n_hidden)
        self.h2o = nn.Linear(n_hidden, n_categories)

    def forward(self, line):                      # (T, B)
        hidden = torch.zeros(line.size(1), self.n_hidden)
        for word in line:
            hidden = torch.tanh(self.i2h(torch.cat((self.look(word), hidden), 1)))
        return F.log_softmax(self.h2o(hidden), dim=1)


rnn = RNN(len(all_words), 24, len(categories))
criterion = nn.NLLLoss()
learning_rate, momentum = 0.06, 0.8
velocity = [torch.zeros_like(p) for p in rnn.parameters()]


def accuracy(part):
    with torch.no_grad():
        return sum((rnn(x).argmax(1) == y).sum().item() for x, y in same_length_batches(part, 100)) / len(part)


for epoch in range(1, 8):
    current = []
    for x, y in same_length_batches(train_lines, 20):
        rnn.zero_grad()
        loss = criterion(rnn(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(rnn.parameters(), 2.0)
        for p, v in zip(rnn.parameters(), velocity):
            v.mul_(momentum).add_(p.grad)
            p.data.add_(v, alpha=-learning_rate)
        current.append(loss.item())
    print(f"{epoch} loss {sum(current) / len(current):.4f} train {accuracy(train_lines):.3f} test {accuracy(test_lines):.3f}")
