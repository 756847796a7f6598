# Linear-chain CRF over a small BiLSTM: fields of contact lines (person, street, zip, city, phone).
import random
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(4)
torch.manual_seed(4)
TAGS = ["O", "PER", "STR", "ZIP", "CITY", "TEL"]
SYL = "an be ri ko la mu ne sta vol dre fi gor hel ta mi so ru ver".split()
def made_up(k):
    return "".join(random.choice(SYL) for _ in range(k)).capitalize()
FIRST = [made_up(2) for _ in range(120)]
CITIES = [made_up(2) + random.choice(["burg", "ton", "ville", "stad"]) for _ in range(80)]
STREETS = [made_up(2) for _ in range(150)]
def person():
    return [(random.choice(["Dr.", "Mr", "Ms"]), "O")] * (random.random() < .3) + \
        [(random.choice(FIRST), "PER"), (made_up(random.choice([2, 3])), "PER")]
def street():
    return [(str(random.randint(1, 199)), "STR"), (random.choice(STREETS), "STR"), (random.choice(["Street", "Road", "Lane", "Avenue"]), "STR")]
def place():
    out = [(f"{random.randint(10000, 99999)}", "ZIP"), (random.choice(CITIES), "CITY")]
    return out if random.random() < .6 else out[::-1]
def phone():
    return [(random.choice(["tel", "phone", "call", "fax"]), "O")] * (random.random() < .7) + \
        [(f"0{random.randint(20, 99)}", "TEL"), (str(random.randint(100, 999)), "TEL"), (str(random.randint(1000, 9999)), "TEL")]
def line():
    parts = [person(), street(), place()] + ([phone()] if random.random() < .7 else [])
    if random.random() < .4:
        random.shuffle(parts)
    out = [(w, "O") for w in random.choice(["please send it to", "new customer :", "ship to", "contact", ""]).split()]
    for i, p in enumerate(parts):
        out += [(",", "O")] * (i > 0 and random.random() < .6) + p
    return out
seen, data = set(), []
while len(data) < 900:
    sample = line()
    key = " ".join(w for w, _ in sample)
    if key not in seen:
        seen.add(key)
        data.append(sample)
train, test = data[:700], data[700:]
def shape(w):
    s = "".join("d" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in w)
    return s if s[0] == "d" else s[:3]
class Index(dict):
    def __init__(self, items, least):
        kept = [w for w, n in sorted(Counter(items).items()) if n >= least]
        super().__init__({w: i + 2 for i, w in enumerate(kept)})
    def __call__(self, w):
        return self.get(w, 1)

feats = [lambda w: w.lower(), lambda w: w.lower()[-3:], shape]
index = [Index([f(w) for s in train for w, _ in s], least) for f, least in zip(feats, (4, 4, 2))]

def encode(sentences):
    return [(torch.tensor([[ix(f(w)) for f, ix in zip(feats, index)] for w, _ in s]), torch.tensor([TAGS.index(t) for _, t in s]))
            for s in sentences]

def collate(rows):
    n = torch.tensor([len(x) for x, _ in rows])
    x = pad_sequence([x for x, _ in rows], batch_first=True)
    y = pad_sequence([y for _, y in rows], batch_first=True)
    return x, y, n, torch.arange(x.shape[1])[None] < n[:, None]

class Tagger(nn.Module):
    def __init__(self, sizes=(16, 8, 8), hidden=20):
        super().__init__()
        self.emb = nn.ModuleList(nn.Embedding(len(ix) + 2, d, padding_idx=0) for ix, d in zip(index, sizes))
        self.rnn = nn.LSTM(sum(sizes), hidden, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(2 * hidden, len(TAGS))
        self.start, self.stop = nn.Parameter(torch.zeros(len(TAGS))), nn.Parameter(torch.zeros(len(TAGS)))
        self.trans = nn.Parameter(torch.zeros(len(TAGS), len(TAGS)))

    def scores(self, x, n):
        z = torch.cat([e(x[..., k]) for k, e in enumerate(self.emb)], -1)
        z = pack_padded_sequence(nn.functional.dropout(z, .2, self.training), n, batch_first=True, enforce_sorted=False)
        return self.emit(pad_packed_sequence(self.rnn(z)[0], batch_first=True)[0])

    def nll(self, x, y, n, mask):
        e, m = self.scores(x, n), mask.float()
        gold = self.start[y[:, 0]] + (e.gather(2, y[..., None])[..., 0] * m).sum(1)
        gold = gold + (self.trans[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1) + self.stop[y.gather(1, n[:, None] - 1)[:, 0]]
        a = self.start + e[:, 0]
        for t in range(1, e.shape[1]):
            step = torch.logsumexp(a[:, :, None] + self.trans, 1) + e[:, t]
            a = torch.where(mask[:, t, None], step, a)
        return (torch.logsumexp(a + self.stop, 1) - gold).mean()

    @torch.no_grad()
    def decode(self, x, n):
        out = []
        for e in (s[:k] for s, k in zip(self.scores(x, n), n)):
            v, back = self.start + e[0], []
            for row in e[1:]:
                best, arg = (v[:, None] + self.trans).max(0)
                v = best + row
                back.append(arg)
            path = [int((v + self.stop).argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            out.append(path[::-1])
        return out

net, rows, held = Tagger(), encode(train), encode(test)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
for epoch in range(3):
    net.train()
    random.shuffle(rows)
    total = 0.
    chunks = [rows[i:i + 14] for i in range(0, len(rows), 14)]
    for k, chunk in enumerate(chunks):
        loss = net.nll(*collate(chunk))
        (loss / 2).backward()          # two chunks make one step
        total += loss.item()
        if k % 2 == 1:
            nn.utils.clip_grad_norm_(net.parameters(), 5.)
            opt.step()
            opt.zero_grad()
    print(f"epoch {epoch} nll {total / len(chunks):.3f}")
net.eval()
for name, part in (("train", rows[:200]), ("test", held)):
    x, y, n, mask = collate(part)
    paths = net.decode(x, n)
    whole = sum(p == y[i, :n[i]].tolist() for i, p in enumerate(paths)) / len(paths)
    words = sum(a == b for i, p in enumerate(paths) for a, b in zip(p, y[i].tolist())) / int(n.sum())
    print(f"{name}: token acc {words:.4f}, whole lines {whole:.3f}")
