# Tag QTY / UNIT / FOOD / PREP in ingredient lines (BiLSTM on packed sequences)
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(3); torch.manual_seed(3)
TAGS = ["O", "QTY", "UNIT", "FOOD", "PREP"]
QTY = "1 2 3 4 half quarter 250 500 100 one two three".split()
UNIT = "cups cup g kg ml tbsp tsp spoons pinch can cans sticks".split()
FOOD = "flour sugar butter milk eggs onions garlic tomatoes rice beans carrots cheese basil salt orange cream".split()
PREP = "chopped sliced melted minced grated peeled diced softened cold fresh".split()


def line():
    r = []
    r.append((random.choice(QTY), "QTY"))
    if random.random() < .75:
        r.append((random.choice(UNIT), "UNIT"))
        if random.random() < .5: r.append(("of", "O"))
    if random.random() < .3: r.append((random.choice(PREP), "PREP"))
    r.append((random.choice(FOOD), "FOOD"))
    # "orange juice", "rice flour": two-word foods;  "orange" as a colour is O
    if random.random() < .2: r.append((random.choice(["juice", "flour", "sauce"]), "FOOD"))
    if random.random() < .4: r += [(",", "O"), (random.choice(PREP), "PREP")]
    if random.random() < .3: r += [("or", "O"), ("more", "O")]
    if random.random() < .3: r += [("for", "O"), ("the", "O"), (random.choice(["orange", "cream", "cold"]), "O"), ("topping", "O")]
    if random.random() < .1: r += [("serves", "O"), (random.choice(QTY[:4]), "O")]
    return r


data = []
seen = set()
while len(data) < 1500:              # every line once, so that no test line was trained on
    l = line()
    if tuple(l) not in seen:
        seen.add(tuple(l))
        data.append(l)
split = 1200
words = sorted({w for l in data[:split] for w, _ in l})
widx = {w: i + 2 for i, w in enumerate(words)}       # 0 pad, 1 unk


def enc(l):
    return torch.tensor([widx.get(w, 1) for w, _ in l]), torch.tensor([TAGS.index(t) for _, t in l])


def batches(rows, bs, shuffle):
    rows = rows[:]
    if shuffle: random.shuffle(rows)
    for i in range(0, len(rows), bs):
        xs, ys = zip(*rows[i:i + bs])
        lens = torch.tensor([len(x) for x in xs])
        yield pad_sequence(xs, True), pad_sequence(ys, True, padding_value=-100), lens


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words) + 2, 20, padding_idx=0)
        self.l = nn.LSTM(20, 20, bidirectional=True, batch_first=True)
        self.d = nn.Dropout(0.2)
        self.o = nn.Linear(40, len(TAGS))

    def forward(self, x, lens):
        p = pack_padded_sequence(self.d(self.e(x)), lens, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.l(p)[0], batch_first=True)
        return self.o(h)


tr, te = [enc(l) for l in data[:split]], [enc(l) for l in data[split:]]
m = Tagger()
opt = torch.optim.AdamW(m.parameters(), lr=0.01, weight_decay=1e-4)
crit = nn.CrossEntropyLoss(ignore_index=-100)


def score(rows):
    m.eval()
    ok = n = 0
    with torch.no_grad():
        for x, y, l in batches(rows, 200, False):
            keep = y != -100
            ok += (m(x, l).argmax(-1)[keep] == y[keep]).sum().item(); n += keep.sum().item()
    return ok / n


for ep in range(4):
    m.train(); s = c = 0
    for x, y, l in batches(tr, 40, True):
        opt.zero_grad()
        loss = crit(m(x, l).transpose(1, 2), y)
        loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        opt.step()
        s += loss.item(); c += 1
    print(f"{ep}: loss={s / c:.4f} token acc train={score(tr):.4f} test={score(te):.4f}")
