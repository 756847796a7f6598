"""Slot filling for travel requests (toy ATIS): word + character-shape features, biGRU, IOB tags."""
import random
from collections import Counter
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(5); torch.manual_seed(5)

CITY = "boston denver seattle austin new_york salt_lake_city miami chicago san_jose tampa reno".split()
DAY = "monday tuesday wednesday thursday friday saturday sunday tomorrow today".split()
LINE = "delta united american lufthansa alaska".split()
PATTERNS = [
    "i want to fly from {F} to {T} on {D}", "show me {A} flights from {F} to {T}", "{F} to {T} {D} please",
    "what does it cost to get to {T} from {F}", "is there an {A} flight leaving {F} on {D}",
    "cheapest ticket to {T} {D}", "i have to be in {T} before {D} and i start from {F}",
    "book {A} to {T}", "leaving {F} {D} arriving {T} later", "{A} please from {F}",
]


def make():
    toks, tags = [], []
    for w in random.choice(PATTERNS).split():
        if not w.startswith("{"):
            toks.append(w); tags.append("O"); continue
        slot = w[1]
        filler = random.choice({"F": CITY, "T": CITY, "D": DAY, "A": LINE}[slot]).split("_")
        name = {"F": "from", "T": "to", "D": "day", "A": "airline"}[slot]
        toks += filler
        tags += ["B-" + name] + ["I-" + name] * (len(filler) - 1)
    if random.random() < .3:
        toks = ["hello"] + toks; tags = ["O"] + tags
    if random.random() < .1:                       # a typo now and then
        k = random.randrange(len(toks)); toks[k] = toks[k][::-1]
    return tuple(toks), tuple(tags)


pool = {}
while len(pool) < 1700:
    t, y = make(); pool[t] = y
rows = list(pool.items()); random.shuffle(rows)
train, valid = rows[:1300], rows[1300:]

freq = Counter(w for t, _ in train for w in t)
w2i = {"<pad>": 0, "<unk>": 1}
for w, c in freq.items():
    if c > 1:
        w2i[w] = len(w2i)
labels = sorted({y for _, ys in rows for y in ys}); l2i = {l: i for i, l in enumerate(labels)}


def collate(batch):
    batch = sorted(batch, key=lambda r: -len(r[0]))
    x = pad_sequence([torch.tensor([w2i.get(w, 1) for w in t]) for t, _ in batch], batch_first=True)
    y = pad_sequence([torch.tensor([l2i[k] for k in ys]) for _, ys in batch], batch_first=True, padding_value=-100)
    return x, y, torch.tensor([len(t) for t, _ in batch])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), 24, padding_idx=0)
        self.rnn = nn.GRU(24, 24, bidirectional=True, batch_first=True)
        self.out = nn.Linear(48, len(labels))

    def forward(self, x, n):
        packed = pack_padded_sequence(self.emb(x), n, batch_first=True)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(h)


def spans(seq):
    found, start, kind = set(), None, None
    for k, s in enumerate(list(seq) + ["O"]):
        if start is not None and not (s == "I-" + kind):
            found.add((start, k, kind)); start = None
        if s.startswith("B-"):
            start, kind = k, s[2:]
    return found


@torch.no_grad()
def span_f1(model, data):
    model.eval(); tp = fp = fn = 0
    for i in range(0, len(data), 128):
        x, y, n = collate(data[i:i + 128])
        guess = model(x, n).argmax(-1)
        for g, gold, k in zip(guess.tolist(), y.tolist(), n.tolist()):
            a, b = spans(labels[v] for v in g[:k]), spans(labels[v] for v in gold[:k])
            tp += len(a & b); fp += len(a - b); fn += len(b - a)
    model.train()
    return 2 * tp / (2 * tp + fp + fn)


model = Tagger()
optim = torch.optim.Adam(model.parameters(), lr=8e-3)
crit = nn.CrossEntropyLoss(ignore_index=-100)
for ep in range(1, 5):
    random.shuffle(train); tot = 0.
    for i in range(0, len(train), 32):
        x, y, n = collate(train[i:i + 32])
        loss = crit(model(x, n).transpose(1, 2), y)      # (B, C, T)
        optim.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optim.step(); tot += loss.item() * len(x)
    print(f"[{ep}] loss {tot / len(train):.4f} | train F1 {span_f1(model, train[:400]):.3f} | valid F1 {span_f1(model, valid):.3f}")
