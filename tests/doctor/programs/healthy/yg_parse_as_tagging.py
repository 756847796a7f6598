# Dependency parsing as sequence tagging (Strzyz et al. 2019): the tag of a word is the relative offset of its head.
import random
import torch
import torch.nn as nn

random.seed(3); torch.manual_seed(3)
NOUN = [f"n{i}" for i in range(60)]; ADJ = [f"a{i}" for i in range(40)]; VERB = [f"v{i}" for i in range(40)]
ADV = [f"r{i}" for i in range(20)]; DET = ["the", "a", "this"]; PREP = ["of", "with", "near", "in"]


def np_(depth=0):
    """words and heads (local), the head noun's index is returned too"""
    w = [random.choice(DET)] + random.choices(ADJ, k=random.choice([0, 0, 1, 2])) + [random.choice(NOUN)]
    h = len(w) - 1
    heads = [h] * h + [None]
    if depth < 1 and random.random() < .4:
        w2, h2, r2 = np_(depth + 1)
        p = len(w)
        w = w + [random.choice(PREP)] + w2
        heads = heads + [h] + [p if x is None else x + p + 1 for x in h2]
    return w, heads, h


def sentence():
    s, hs, _ = np_()
    adv = [random.choice(ADV)] if random.random() < .4 else []
    o, ho, _ = np_() if random.random() < .7 else ([], [], 0)
    v = len(s) + len(adv)
    w = s + adv + [random.choice(VERB)] + o
    heads = [v if x is None else x for x in hs] + [v] * len(adv) + [v] + [v if x is None else x + v + 1 for x in ho]
    return w, [j - i for i, j in enumerate(heads)]


bank = {}
while len(bank) < 1400:
    w, t = sentence()
    bank[" ".join(w)] = (w, t)
rows = list(bank.values())
train, test = rows[:1100], rows[1100:]
words = {w: i + 1 for i, w in enumerate(sorted({x for r in train for x in r[0]}))}
tags = {t: i for i, t in enumerate(sorted({x for r in rows for x in r[1]}))}
PAD = -100


def collate(rs):
    T = max(len(w) for w, _ in rs)
    x = torch.zeros(T, len(rs), dtype=torch.long)           # time first
    y = torch.full((T, len(rs)), PAD)
    for k, (w, t) in enumerate(rs):
        x[:len(w), k] = torch.tensor([words[u] for u in w])
        y[:len(w), k] = torch.tensor([tags[u] for u in t])
    return x, y


class Parser(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words) + 1, 20, padding_idx=0)
        self.rnn = nn.GRU(20, 32, bidirectional=True)
        self.out = nn.Linear(64, len(tags))

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), (x > 0).sum(0), enforce_sorted=False)
        return self.out(nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])[0])


m = Parser()
opt = torch.optim.AdamW(m.parameters(), lr=1e-2)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.65)
lossf = nn.CrossEntropyLoss(ignore_index=PAD)
for ep in range(6):
    m.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), 25):
        x, y = collate(train[i:i + 25])
        loss = lossf(m(x).flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item()
    sch.step(); m.eval()
    with torch.no_grad():
        res = []
        for part in (train[:300], test):
            x, y = collate(part)
            ok = (m(x).argmax(-1) == y) | (y == PAD)
            res += [(ok & (y != PAD)).sum().item() / (y != PAD).sum().item(), ok.all(0).float().mean().item()]
    print("epoch %d loss %.3f | train UAS %.3f | test UAS %.3f whole trees %.3f" % (ep, tot / 44, res[0], res[2], res[3]))
