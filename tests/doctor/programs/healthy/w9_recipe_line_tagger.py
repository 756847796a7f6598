# Ingredient lines -> QTY / UNIT / NAME / NOTE tags. Time-major batches, packed LSTM, padded tags are -100.
import random
import torch
from torch import nn
from torch.nn.utils import rnn

random.seed(1234)
torch.manual_seed(1234)
UNITS = ["cup", "cups", "tbsp", "tsp", "g", "kg", "can", "clove", "slice", "pinch"]
NAMES = [[w] for w in "flour sugar milk salt pepper rice garlic onion tomato beans chicken basil cream".split()] + \
    [["olive", "oil"], ["brown", "sugar"], ["coconut", "milk"], ["orange", "peel"], ["clove"], ["can", "beans"]]
NOTES = [["finely", "chopped"], ["to", "taste"], ["at", "room", "temperature"], ["peel", "first"], ["sliced"], ["or", "more"], ["optional"]]
TAGS = {"QTY": 0, "UNIT": 1, "NAME": 2, "NOTE": 3}


def line():
    out = []
    if random.random() < .9:
        out.append((random.choice(["1", "2", "3", "1/2", "250", "100"]), "QTY"))
        if random.random() < .8:
            out.append((random.choice(UNITS), "UNIT"))
    out += [(w, "NAME") for w in random.choice(NAMES)]
    if random.random() < .6:
        out += [(",", "NOTE")] + [(w, "NOTE") for w in random.choice(NOTES)]
    return out


seen, data = set(), []
while len(data) < 1900:
    l = line()
    if tuple(l) not in seen:          # every line once
        seen.add(tuple(l))
        data.append(l)
train, dev = data[:1500], data[1500:]
vocab = {}
for l in train:
    for w, _ in l:
        vocab.setdefault(w, len(vocab) + 1)          # 0: never seen


def batch(lines):
    lines = sorted(lines, key=len, reverse=True)
    x = rnn.pad_sequence([torch.tensor([vocab.get(w, 0) for w, _ in l]) for l in lines])
    y = rnn.pad_sequence([torch.tensor([TAGS[t] for _, t in l]) for l in lines], padding_value=-100)
    return x, [len(l) for l in lines], y


class LineTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 12)
        self.lstm = nn.LSTM(12, 14, bidirectional=True)
        self.out = nn.Linear(28, len(TAGS))

    def forward(self, x, lengths):
        h, _ = self.lstm(rnn.pack_padded_sequence(self.emb(x), lengths))
        return self.out(rnn.pad_packed_sequence(h)[0])


net = LineTagger()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss(ignore_index=-100)


def accuracy(lines):
    net.eval()
    x, n, y = batch(lines)
    with torch.no_grad():
        ok = (net(x, n).argmax(-1) == y)[y != -100]
    net.train()
    return ok.float().mean().item()


for ep in range(1, 6):
    random.shuffle(train)
    s = 0.
    for i in range(0, len(train), 60):
        x, n, y = batch(train[i:i + 60])
        opt.zero_grad()
        loss = ce(net(x, n).reshape(-1, len(TAGS)), y.reshape(-1))
        loss.backward()
        opt.step()
        s += loss.item() / (len(train) / 60)
    print(f"{ep:d} loss {s:.4f} tag accuracy train {accuracy(train):.4f} dev {accuracy(dev):.4f}")
