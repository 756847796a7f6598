import random, string
import torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

# Sequence labelling of free-text orders with a BiLSTM-CRF, BIO tags.  Words are looked at through shape + suffix hashes.
random.seed(8); torch.manual_seed(8)
TAGS = ['O', 'B-QTY', 'B-ITEM', 'I-ITEM', 'B-PER', 'I-PER', 'B-CITY']
T2I = {t: i for i, t in enumerate(TAGS)}
syl = ['ba', 'lo', 'mi', 'ter', 'san', 'ka', 'ren', 'dol', 'vi', 'ne', 'gor', 'tu', 'pel', 'ash']
pick = random.choice


def name(): return ''.join(pick(syl) for _ in range(random.randint(2, 3))).capitalize()
def item(): return ''.join(pick(syl) for _ in range(random.randint(1, 3))) + pick(['er', 'or', 'ing', 'set'])
def city(): return ''.join(pick(syl) for _ in range(random.randint(1, 2))).capitalize() + pick(['burg', 'ville', 'ton', 'stad'])


def order():
    toks = []
    def put(words, tag):
        for i, w in enumerate(words):
            toks.append((w, tag if tag == 'O' else ('B-' if i == 0 else 'I-') + tag))
    put(pick(['please send', 'we need', 'can you ship', 'order :', 'hello , i want']).split(), 'O')
    for j in range(random.randint(1, 2)):
        if j: put(['and'], 'O')
        put([pick([str(random.randint(1, 400)), pick(['two', 'five', 'ten'])])], 'QTY')
        put([item() for _ in range(random.randint(1, 3))], 'ITEM')
    rest = [(['to'], [name() for _ in range(random.randint(1, 2))], 'PER'), (['in'], [city()], 'CITY')]
    random.shuffle(rest)
    for pre, ws, tag in rest:
        put(pre, 'O'); put(ws, tag)
    if random.random() < .4: put(pick(['by friday', 'as soon as possible', 'thanks a lot']).split(), 'O')
    return toks


def feats(w):
    shape = ('X' if w[0].isupper() else 'd' if w.isdigit() else 'p' if w in string.punctuation else 'x')
    return [hash_(shape), hash_('suf' + w[-3:]), hash_('w' + w) if len(w) < 5 else hash_('long')]


def hash_(s, m=997):
    h = 0
    for c in s: h = (h * 131 + ord(c)) % 1_000_003
    return h % m + 1


class CRF(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(n, n)); self.start = nn.Parameter(torch.zeros(n)); self.stop = nn.Parameter(torch.zeros(n))

    def nll(self, e, y, mask):
        B, T, N = e.shape; ar = torch.arange(B)
        gold = self.start[y[:, 0]] + e[ar, 0, y[:, 0]]
        alpha = self.start + e[:, 0]
        for t in range(1, T):
            m = mask[:, t]
            gold = gold + (self.trans[y[:, t - 1], y[:, t]] + e[ar, t, y[:, t]]) * m
            nxt = torch.logsumexp(alpha[:, :, None] + self.trans + e[:, t, None, :], 1)
            alpha = torch.where(m[:, None].bool(), nxt, alpha)
        last = y[ar, mask.sum(1).long() - 1]
        return torch.logsumexp(alpha + self.stop, 1) - gold - self.stop[last]

    def viterbi(self, e):                      # one sentence, (T, N)
        score, back = self.start + e[0], []
        for t in range(1, len(e)):
            s, b = (score[:, None] + self.trans).max(0)
            score = s + e[t]; back.append(b)
        path = [int((score + self.stop).argmax())]
        for b in reversed(back): path.append(int(b[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(998, 16, padding_idx=0)
        self.rnn = nn.LSTM(48, 20, bidirectional=True, batch_first=True)
        self.proj = nn.Linear(40, len(TAGS)); self.crf = CRF(len(TAGS))

    def emissions(self, x, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x).flatten(2), lens, batch_first=True, enforce_sorted=False)
        return self.proj(nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True)[0])


data, seen = [], set()
while len(data) < 800:
    o = order()
    if str(o) not in seen:
        seen.add(str(o)); data.append((torch.tensor([feats(w) for w, _ in o]), torch.tensor([T2I[t] for _, t in o])))
train, test = data[:600], data[600:]
net = Tagger(); opt = torch.optim.Adam(net.parameters(), 8e-3)
for epoch in range(3):
    random.shuffle(train); net.train(); s = 0.
    for i in range(0, len(train), 25):
        xs, ys = zip(*train[i:i + 25]); lens = torch.tensor([len(x) for x in xs])
        x, y = pad_sequence(xs, batch_first=True), pad_sequence(ys, batch_first=True)
        mask = (torch.arange(x.size(1)) < lens[:, None]).float()
        loss = net.crf.nll(net.emissions(x, lens), y, mask).mean()
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 5.); opt.step(); s += loss.item() * len(xs)
    net.eval(); tp = pred = gold = 0
    with torch.no_grad():
        for x, y in test:
            p = net.crf.viterbi(net.emissions(x[None], torch.tensor([len(x)]))[0])
            for a, b in zip(p, y.tolist()):
                tp += a == b and b != 0; pred += a != 0; gold += b != 0
    P, R = tp / max(pred, 1), tp / gold
    print(f'epoch {epoch + 1}: NLL per sentence {s / len(train):.3f}   test P {P:.3f} R {R:.3f} F {2 * P * R / (P + R + 1e-9):.3f}')
