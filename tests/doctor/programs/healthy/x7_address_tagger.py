# Course project: BIO tags for addresses in chat lines. Sorted, packed batches; the BiGRU never sees a pad.
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

rs = np.random.RandomState(3)
torch.manual_seed(3)

STREETS = 'oak maple hill king queen mill church park station lake north river bridge garden'.split()
KINDS = ['street', 'road', 'lane', 'avenue', 'square']
CITIES = 'york leeds derby truro ely bath wells ripon'.split()
WORDS = ('send the parcel to me at please we live near our office is it was in a big old house by river park king said '
         'meet you there tomorrow station i will come from with his').split()
TAGS = ['O', 'B-NR', 'B-ST', 'I-ST', 'B-CITY']
T = {t: i for i, t in enumerate(TAGS)}


def fake_line():
    toks, tags = [], []
    def add(w, t):
        toks.append(w); tags.append(T[t])
    for _ in range(rs.randint(2, 6)):
        add(rs.choice(WORDS), 'O')
    if rs.rand() < .8:
        add(str(rs.randint(1, 200)), 'B-NR')
        add(rs.choice(STREETS), 'B-ST')
        if rs.rand() < .3:
            add(rs.choice(STREETS), 'I-ST')
        add(rs.choice(KINDS), 'I-ST')
        if rs.rand() < .6:
            add(rs.choice(CITIES), 'B-CITY')
    else:                       # numbers and places that are no address
        add(str(rs.randint(1, 200)), 'O')
        add(rs.choice(['pounds', 'minutes', 'people', 'miles']), 'O')
    for _ in range(rs.randint(0, 5)):
        add(rs.choice(WORDS), 'O')
    return toks, tags


lines = [fake_line() for _ in range(2200)]
tr_lines, te_lines = lines[:1800], lines[1800:]
shape = lambda w: '<num>' if w.isdigit() else w
vocab = {'<unk>': 0}
for toks, _ in tr_lines:
    for w in toks:
        vocab.setdefault(shape(w), len(vocab))
tensorise = lambda ls: [(torch.tensor([vocab.get(shape(w), 0) for w in toks]), torch.tensor(tags)) for toks, tags in ls]
tr, te = tensorise(tr_lines), tensorise(te_lines)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding(len(vocab), 16)
        self.rnn = nn.GRU(16, 20, bidirectional=True)
        self.top = nn.Linear(40, len(TAGS))
        self.do = nn.Dropout(.15)

    def forward(self, packed):
        emb = self.do(self.lookup(packed.data))
        out, _ = self.rnn(PackedSequence(emb, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices))
        return self.top(self.do(out.data))


def spans(tags):
    found, start, kind = set(), None, None
    for i, t in enumerate(list(tags) + [0]):
        name = TAGS[t]
        if start is not None and not (name.startswith('I-') and name[2:] == kind):
            found.add((start, i, kind)); start = None
        if name.startswith('B-'):
            start, kind = i, name[2:]
    return found


def span_f1(net, rows):
    net.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for s in range(0, len(rows), 200):
            part = rows[s:s + 200]
            px = pack_sequence([x for x, _ in part], enforce_sorted=False)
            pred = PackedSequence(net(px).argmax(-1), px.batch_sizes, px.sorted_indices, px.unsorted_indices)
            padded, lens = nn.utils.rnn.pad_packed_sequence(pred, batch_first=True)
            for row, n, (_, gold) in zip(padded.tolist(), lens.tolist(), part):
                a, b = spans(row[:n]), spans(gold.tolist())
                tp += len(a & b); fp += len(a - b); fn += len(b - a)
    return 2 * tp / max(1, 2 * tp + fp + fn)


net = Tagger()
optimiser = torch.optim.RMSprop(net.parameters(), lr=6e-3)
weight = torch.tensor([.6, 1., 1., 1., 1.])       # most tokens are O
for epoch in range(3):
    net.train()
    tot = 0.
    order = rs.permutation(len(tr))
    for s in range(0, len(order), 45):
        part = [tr[i] for i in order[s:s + 45]]
        px = pack_sequence([x for x, _ in part], enforce_sorted=False)
        py = pack_sequence([y for _, y in part], enforce_sorted=False)
        loss = nn.functional.cross_entropy(net(px), py.data, weight=weight)
        net.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        optimiser.step()
        tot += loss.item()
    for g in optimiser.param_groups:
        g['lr'] *= .7
    print('epoch %d  loss %.4f  span F1 train %.4f  test %.4f' % (epoch, tot / 40, span_f1(net, tr), span_f1(net, te)))
