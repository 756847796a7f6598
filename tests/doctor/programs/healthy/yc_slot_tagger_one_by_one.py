"""Slot tagging of travel requests, one sentence at a time (batch size 1), gradients summed over 8 sentences."""
import numpy as np
import torch
from torch import nn, optim

rs = np.random.RandomState(5)
torch.manual_seed(5)
CITY = "paris rome oslo lima cairo delhi tokyo quito turin lyon".split()
DAY = "monday tuesday friday sunday today tomorrow".split()
TAGS = ["O", "FROM", "TO", "DAY", "STOP"]
LEAD = ["please book a seat", "i need to fly", "find me something", "we want tickets", "show trains"]


def sentence():
    a, b, c = rs.choice(CITY, 3, replace=False)
    toks = rs.choice(LEAD).split(); tags = ["O"] * len(toks)
    parts = [(["from", a], ["O", "FROM"]), (["to", b], ["O", "TO"])]
    if rs.rand() < .5: parts.append((["via", c], ["O", "STOP"]))
    if rs.rand() < .6: parts.append((["on", rs.choice(DAY)], ["O", "DAY"]))
    for k in rs.permutation(len(parts)):
        toks += parts[k][0]; tags += parts[k][1]
    if rs.rand() < .3: toks += ["thanks"]; tags += ["O"]
    return tuple(toks), tuple(tags)


pool = dict(sentence() for _ in range(1400))
items = list(pool.items())
rs.shuffle(items)
train, test = items[:480], items[480:680]
w2i = {"<unk>": 0}
for t, _ in train:
    for w in t: w2i.setdefault(w, len(w2i))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), 16)
        self.rnn = nn.LSTM(16, 16, bidirectional=True)      # (time, 1, features)
        self.out = nn.Linear(32, len(TAGS))

    def forward(self, ids):
        h, _ = self.rnn(self.emb(ids).unsqueeze(1))
        return self.out(h.squeeze(1))


def ids(t, drop=0.):
    return torch.tensor([0 if drop and rs.rand() < drop else w2i.get(w, 0) for w in t])


def score(rows):
    """micro F1 over everything that is not O"""
    tp = fp = fn = 0
    with torch.no_grad():
        for t, g in rows:
            for p, q in zip(model(ids(t)).argmax(-1).tolist(), g):
                p = TAGS[p]
                tp += p == q != "O"; fp += p != "O" and p != q; fn += q != "O" and p != q
    return 2 * tp / (2 * tp + fp + fn)


model = Tagger()
ACC = 8
opt = optim.SGD(model.parameters(), lr=0.3, momentum=0.9, nesterov=True)
lossf = nn.CrossEntropyLoss()
for epoch in range(3):
    order = rs.permutation(len(train))
    for g in opt.param_groups: g["lr"] = 0.3 * (1 - epoch / 3)
    total = 0
    opt.zero_grad()
    for n, k in enumerate(order, 1):
        t, g = train[k]
        loss = lossf(model(ids(t, drop=0.01)), torch.tensor([TAGS.index(q) for q in g]))
        (loss / ACC).backward()
        total += loss.item()
        if n % ACC == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 2.)
            opt.step()
            opt.zero_grad()
    print(f"epoch {epoch + 1}: mean loss {total / len(train):.4f}   F1 train {score(train[:150]):.3f}   F1 test {score(test):.3f}")
