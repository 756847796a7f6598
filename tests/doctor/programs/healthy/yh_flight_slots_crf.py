# Slot filling for travel requests: BiLSTM with a linear-chain CRF on top, the forward algorithm written out.
import itertools
import random

import torch
import torch.nn as nn

random.seed(42)
torch.manual_seed(42)

SYL = ["ba", "lor", "mi", "ten", "ka", "ru", "sel", "vo", "dan", "pi", "os", "gre"]
CITIES = ["".join(p) for p in itertools.permutations(SYL, 2)][:90]
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow".split()
NUMS = "one two three four five six".split()
TAGS = ["O", "FROM", "TO", "VIA", "DAY", "NUM"]
OPEN = ["please book", "i need", "we want", "get me", "find", "could you look for", "show me", "hello , i would like"]
WHAT = ["a flight", "some tickets", "the cheapest trip", "a connection", "seats"]
CLOSE = ["", "thanks", "if possible", "as soon as you can", "in the morning", "with a window seat", "and no luggage"]


def request():
    a, b, c = random.sample(CITIES, 3)
    parts = [[("from", "O"), (a, "FROM")], [(random.choice(["to", "towards", "into"]), "O"), (b, "TO")]]
    if random.random() < .4:
        parts.append([("via", "O"), (c, "VIA")])
    if random.random() < .7:
        parts.append([("on", "O"), (random.choice(DAYS), "DAY")])
    if random.random() < .6:
        parts.append([("for", "O"), (random.choice(NUMS), "NUM"), ("people", "O")])
    random.shuffle(parts)
    words = [(w, "O") for w in (random.choice(OPEN) + " " + random.choice(WHAT)).split()]
    words += [p for part in parts for p in part] + [(w, "O") for w in random.choice(CLOSE).split()]
    if random.random() < .3:
        i = random.randrange(len(words))
        words.insert(i, (random.choice(["uh", "well", "hmm"]), "O"))
    return tuple(words)


data = []
seen = set()
while len(data) < 1100:
    r = request()
    if r not in seen:
        seen.add(r)
        data.append(r)
train, test = data[:850], data[850:]
vocab = {"<pad>": 0, "<unk>": 1}
for sent in train:
    for w, _ in sent:
        vocab.setdefault(w, len(vocab))


def batchify(sents):
    L = max(map(len, sents))
    x = torch.zeros(len(sents), L, dtype=torch.long)
    y = torch.zeros(len(sents), L, dtype=torch.long)
    m = torch.zeros(len(sents), L, dtype=torch.bool)
    for i, s in enumerate(sents):
        x[i, :len(s)] = torch.tensor([vocab.get(w, 1) for w, _ in s])
        y[i, :len(s)] = torch.tensor([TAGS.index(t) for _, t in s])
        m[i, :len(s)] = True
    return x, y, m


class BiLSTM_CRF(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hidden=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        self.emit = nn.Linear(2 * hidden, n_tags)
        self.trans = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.start = nn.Parameter(torch.zeros(n_tags))

    def scores(self, x, m):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), m.sum(1), batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.emit(out)

    def nll(self, x, y, m):
        e = self.scores(x, m)
        gold = self.start[y[:, 0]] + e[:, 0].gather(1, y[:, :1]).squeeze(1)
        alpha = self.start + e[:, 0]
        for t in range(1, x.shape[1]):
            step = self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1]).squeeze(1)
            gold = gold + step * m[:, t]
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans + e[:, t].unsqueeze(1), dim=1)
            alpha = torch.where(m[:, t:t + 1], nxt, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, m):
        e = self.scores(x, m)
        paths = []
        for b in range(len(x)):
            n = int(m[b].sum())
            v, back = self.start + e[b, 0], []
            for t in range(1, n):
                best, arg = (v.unsqueeze(1) + self.trans).max(0)
                back.append(arg)
                v = best + e[b, t]
            tag = int(v.argmax())
            path = [tag]
            for arg in reversed(back):
                tag = int(arg[tag])
                path.append(tag)
            paths.append(path[::-1])
        return paths


model = BiLSTM_CRF(len(vocab), len(TAGS))
opt = torch.optim.Adam(model.parameters(), lr=0.015)
for epoch in range(4):
    random.shuffle(train)
    run = 0.
    for i in range(0, len(train), 40):
        loss = model.nll(*batchify(train[i:i + 40]))
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item()
    with torch.no_grad():
        print("epoch", epoch, "train nll %.3f" % (run / (len(train) / 40)), "test nll %.3f" % model.nll(*batchify(test)))
x, y, m = batchify(test)
tp = fp = fn = 0
for path, gold, mm in zip(model.viterbi(x, m), y, m):
    for p, q in zip(path, gold[mm].tolist()):
        tp += p == q != 0
        fp += p != q and p != 0
        fn += p != q and q != 0
print("slot F1 %.3f" % (2 * tp / (2 * tp + fp + fn)))
