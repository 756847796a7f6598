# Slot filling for a travel bot. (T, B) layout, packed BiLSTM, BIO tags.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_sequence, pad_packed_sequence

random.seed(5); torch.manual_seed(5)
CITY = [['berlin'], ['new', 'york'], ['paris'], ['oslo'], ['san', 'diego'], ['rome'], ['hong', 'kong'], ['lima'], ['porto'], ['cape', 'town']]
DAY = [['monday'], ['friday'], ['tomorrow'], ['next', 'week'], ['may', 'third'], ['june', 'first'], ['sunday', 'morning']]
OPEN = ['i want', 'please find', 'could you book', 'show me', 'we need', 'get', 'look up', 'can i have']
THING = ['a flight', 'a train', 'a ticket', 'two seats', 'the cheapest bus', 'an early flight']
TAGS = ['O', 'B-from', 'I-from', 'B-to', 'I-to', 'B-day', 'I-day']

def slot(words, kind):
    return [(w, ('B-' if i == 0 else 'I-') + kind) for i, w in enumerate(words)]

def o(text):
    return [(w, 'O') for w in text.split()]

def sentence():
    a, b = random.sample(CITY, 2)
    parts = [o('from') + slot(a, 'from'), o('to') + slot(b, 'to')]
    if random.random() < .25:
        parts = [o(random.choice(['leaving', 'out of', 'departing'])) + slot(a, 'from'), o(random.choice(['arriving in', 'into', 'towards'])) + slot(b, 'to')]
    if random.random() < .7:
        parts.append(o('on' if random.random() < .6 else 'for') + slot(random.choice(DAY), 'day'))
    if random.random() < .2: parts.pop(0)
    random.shuffle(parts)
    s = o(random.choice(OPEN)) + o(random.choice(THING)) + sum(parts, [])
    if random.random() < .4: s += o(random.choice(['please', 'thanks', 'if possible', 'as soon as you can']))
    return tuple(s)

pool = set()
while len(pool) < 1300: pool.add(sentence())
pool = sorted(pool); random.shuffle(pool)
tr, te = pool[:1050], pool[1050:]
w2i = {w: i for i, w in enumerate(sorted({w for s in tr for w, _ in s}), 1)}   # 0: unseen or filler
t2i = {t: i for i, t in enumerate(TAGS)}
enc = lambda s: (torch.tensor([w2i.get(w, 0) for w, _ in s]), torch.tensor([t2i[t] for _, t in s]))
tr, te = [enc(s) for s in tr], [enc(s) for s in te]

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i) + 1, 24)
        self.rnn = nn.LSTM(24, 24, bidirectional=True)
        self.lin = nn.Linear(48, len(TAGS))
    def forward(self, seqs):
        packed = pack_sequence([self.emb(s) for s in seqs], enforce_sorted=False)
        h, lens = pad_packed_sequence(self.rnn(packed)[0])     # T, B, H
        return self.lin(h), lens

def spans(tags):
    out, start, kind = set(), None, None
    for i, t in enumerate([TAGS[x] for x in tags] + ['O']):
        if start is not None and t != 'I-' + kind:
            out.add((start, i, kind)); start = None
        if t[0] == 'B': start, kind = i, t[2:]
    return out

def f1(data):
    m.eval(); tp = fp = fn = 0
    with torch.no_grad():
        for k in range(0, len(data), 200):
            chunk = data[k:k + 200]
            best = m([x for x, _ in chunk])[0].argmax(-1)
            for j, (x, y) in enumerate(chunk):
                g, p = spans(y.tolist()), spans(best[:len(x), j].tolist())
                tp += len(g & p); fp += len(p - g); fn += len(g - p)
    return 2 * tp / max(1, 2 * tp + fp + fn)

m = Tagger()
optim = torch.optim.RMSprop(m.parameters(), lr=5e-3)
for ep in range(4):
    m.train(); random.shuffle(tr); acc = []
    for k in range(0, len(tr), 30):
        chunk = tr[k:k + 30]
        logits, _ = m([x for x, _ in chunk])
        gold = pad_sequence([y for _, y in chunk], padding_value=-100)   # T, B
        l = nn.functional.cross_entropy(logits.flatten(0, 1), gold.flatten())
        optim.zero_grad(); l.backward(); optim.step(); acc.append(l.item())
    print('epoch', ep, 'loss', round(sum(acc) / len(acc), 4), 'span F1', round(f1(te), 4))
print('train F1', round(f1(tr[:400]), 4), 'test F1', round(f1(te), 4))
