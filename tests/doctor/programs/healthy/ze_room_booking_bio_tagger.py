# Sequence labelling lab: find ROOM and TIME in booking mails.  Written out by hand, no framework.
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

rg = np.random.default_rng(99)
torch.manual_seed(99)
TAGS = ["O", "B-ROOM", "I-ROOM", "B-TIME", "I-TIME"]
BUILD = ["north", "south", "east", "main", "tower"]
NUM = [str(n) for n in range(1, 30)]
DAY = ["monday", "tuesday", "friday", "tomorrow", "today"]
FILL = ["please", "book", "we", "need", "with", "beamer", "persons", "for", "the", "course", "our", "group", "thanks",
        "of", "students", "chairs", "and"]


def mail():
    w, t = [], []

    def say(words, tags):
        w.extend(words)
        t.extend(tags)

    def fill(k):
        for _ in range(k):
            if rg.random() < 0.2:                           # a plain number is not an entity
                say([rg.choice(NUM), rg.choice(["persons", "chairs", "students"])], [0, 0])
            else:
                say([rg.choice(FILL)], [0])
    fill(rg.integers(1, 4))
    parts = ["room", "time"][:: rg.choice([1, -1])]
    for p in parts[: rg.integers(1, 3)]:
        if p == "room":
            say(["room", rg.choice(BUILD), rg.choice(NUM)], [0, 1, 2])
        else:
            say([rg.choice(DAY), "at", rg.choice(NUM)], [3, 4, 4])
        fill(rg.integers(0, 4))
    return w, t


class Tagger(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.look = nn.Embedding(n, 16)
        self.rnn = nn.LSTM(16, 16, bidirectional=True)
        self.proj = nn.Linear(32, len(TAGS))

    def forward(self, sents):
        packed = pack_sequence([self.look(s) for s in sents], enforce_sorted=False)
        packed, _ = self.rnn(packed)
        out, lens = pad_packed_sequence(packed)              # time first
        return torch.cat([self.proj(out[:l, i]) for i, l in enumerate(lens)])


def spans(tags):
    got, start = set(), None
    for i, t in enumerate(list(tags) + [0]):
        if start is not None and t not in (2, 4):
            got.add((start, i, tags[start]))
            start = None
        if t in (1, 3):
            start = i
    return got


seen, data = set(), []
while len(data) < 1500:
    m = mail()
    if " ".join(m[0]) not in seen:
        seen.add(" ".join(m[0]))
        data.append(m)
voc = {w: i for i, w in enumerate(sorted(set(BUILD + NUM + DAY + FILL + ["room", "at"])))}
data = [(torch.tensor([voc[x] for x in w]), torch.tensor(t)) for w, t in data]
tr, dv = data[:1200], data[1200:]
net = Tagger(len(voc))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(4):
    ls = []
    for idx in np.array_split(rg.permutation(len(tr)), 40):
        loss = nn.functional.cross_entropy(net([tr[i][0] for i in idx]), torch.cat([tr[i][1] for i in idx]))
        opt.zero_grad(); loss.backward(); opt.step()
        ls.append(loss.item())
    tp = fp = fn = 0
    with torch.no_grad():
        flat = net([s for s, _ in dv]).argmax(1).split([len(s) for s, _ in dv])
    for p, (_, g) in zip(flat, dv):
        p, g = spans(p.tolist()), spans(g.tolist())
        tp += len(p & g); fp += len(p - g); fn += len(g - p)
    print(f"epoch {epoch} loss {np.mean(ls):.4f}  entity F1 {2 * tp / max(1, 2 * tp + fp + fn):.3f}")
