import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(11)
torch.manual_seed(11)

CITIES = ['paris', 'rome', 'new york', 'san jose', 'oslo', 'rio de janeiro', 'lima', 'cape town', 'kyoto', 'st paul']
DAYS = ['monday', 'tuesday', 'friday morning', 'next sunday', 'the first of may', 'tomorrow']
LINES = ['air blue', 'north jet', 'lufta', 'pan global air', 'skyways']
LEAD = ['please', 'hi there', 'could you', 'i would like to', 'we want to', 'ok', 'now']
VERB = ['book', 'find', 'show me', 'look for', 'reserve']
OBJ = ['a flight', 'the cheapest seat', 'two tickets', 'a return trip', 'something']
TAGS = ['O', 'B-FROM', 'I-FROM', 'B-TO', 'I-TO', 'B-DAY', 'I-DAY', 'B-LINE', 'I-LINE']
T = {t: i for i, t in enumerate(TAGS)}


def utterance():
    parts = [(random.choice(LEAD), None)] if random.random() < .6 else []
    parts += [(random.choice(VERB), None), (random.choice(OBJ), None)]
    slots = []
    a, b = random.sample(CITIES, 2)
    # cities are ambiguous: only the preposition before tells the role
    if random.random() < .8: slots.append([('from', None), (a, 'FROM')])
    if random.random() < .9: slots.append([(random.choice(['to', 'into', 'bound for']), None), (b, 'TO')])
    if random.random() < .6: slots.append([('on', None), (random.choice(DAYS), 'DAY')])
    if random.random() < .4: slots.append([(random.choice(['with', 'by']), None), (random.choice(LINES), 'LINE')])
    random.shuffle(slots)
    words, tags = [], []
    for text, kind in parts + [p for s in slots for p in s]:
        for k, w in enumerate(text.split()):
            words.append(w)
            tags.append(T['O'] if kind is None else T[('B-' if k == 0 else 'I-') + kind])
    return tuple(words), tuple(tags)


data = set()
while len(data) < 1300:
    data.add(utterance())
data = sorted(data)
random.shuffle(data)
train, dev = data[:1000], data[1000:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws, _ in train for w in ws}))}


def batchify(rows):
    x = [torch.tensor([vocab.get(w, 0) for w in ws]) for ws, _ in rows]
    y = [torch.tensor(t) for _, t in rows]
    n = torch.tensor([len(r) for r in x])
    return pad_sequence(x), pad_sequence(y), n          # (T, B): time major


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))

    def nll(self, e, y, mask):                           # e (T,B,K)
        T_, B, K = e.shape
        r = torch.arange(B)
        gold = self.start[y[0]] + e[0, r, y[0]]
        alpha = self.start + e[0]
        for t in range(1, T_):
            gold = gold + mask[t] * (self.trans[y[t - 1], y[t]] + e[t, r, y[t]])
            new = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[t]
            alpha = torch.where(mask[t].bool().unsqueeze(1), new, alpha)
        return (alpha.logsumexp(1) - gold).mean()

    def viterbi(self, e):                                # one sentence, (T,K)
        s, back = self.start + e[0], []
        for row in e[1:]:
            best, arg = (s.unsqueeze(1) + self.trans).max(0)
            back.append(arg); s = best + row
        path = [int(s.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16)
        self.rnn = nn.GRU(16, 16, bidirectional=True)
        self.out = nn.Linear(32, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x, n):
        p = pack_padded_sequence(self.emb(x), n, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(p)[0], total_length=x.size(0))
        return self.out(h)


def spans(tags):
    out, cur = set(), None
    for i, t in enumerate([*tags, 0]):
        name = TAGS[t]
        if cur and name != 'I-' + cur[1]:
            out.add((*cur, i)); cur = None
        if name.startswith('B-'): cur = (i, name[2:])
    return out


def f1(model, rows):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        x, _, n = batchify(rows)
        e = model.emissions(x, n)
        for j, (_, gold) in enumerate(rows):
            a, b = spans(model.crf.viterbi(e[:n[j], j])), spans(gold)
            tp += len(a & b); fp += len(a - b); fn += len(b - a)
    return 2 * tp / (2 * tp + fp + fn)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=.015)
for epoch in range(4):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 40):
        x, y, n = batchify(train[i:i + 40])
        mask = (torch.arange(x.size(0))[:, None] < n).float()
        loss = model.crf.nll(model.emissions(x, n), y, mask)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step()
        losses.append(loss.item())
    print('epoch', epoch, 'nll %.3f' % (sum(losses) / len(losses)), 'span F1 on dev %.3f' % f1(model, dev[:150]))
print('final span F1: train %.3f dev %.3f' % (f1(model, train[:150]), f1(model, dev)))
