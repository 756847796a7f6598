# Spelling correction over a closed dictionary: a char CNN reads the mistyped word and is compared (scaled cosine)
# with a learned vector per dictionary word.  Fresh typos in every epoch, a fixed set of typos for the test.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

rnd = random.Random(31)
torch.manual_seed(31)
ABC = "abcdefghijklmnopqrstuvwxyz"
KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
NEIGHBOURS = {row[i]: [row[j] for j in (i - 1, i + 1) if 0 <= j < len(row)] for row in KEYS for i in range(len(row))}
ONSET, NUCLEUS, CODA = "b br c ch d f g gr h l m n p pl r s st t tr v".split(), "a e i o u ai ea oo".split(), "n r l st ck m nd p".split()


def invent():
    w = "".join(rnd.choice(ONSET) + rnd.choice(NUCLEUS) for _ in range(rnd.choice([2, 2, 3])))
    return w + (rnd.choice(CODA) if rnd.random() < 0.7 else "")


lexicon = set()
while len(lexicon) < 250:
    w = invent()
    if 5 <= len(w) <= 10:
        lexicon.add(w)
lexicon = sorted(lexicon)
MAXLEN = 12


def typo(word):
    w = list(word)
    for _ in range(rnd.choice([1, 1, 2])):
        i = rnd.randrange(len(w))
        kind = rnd.random()
        if kind < 0.3:
            w[i] = rnd.choice(NEIGHBOURS[w[i]])
        elif kind < 0.55 and len(w) > 4:
            del w[i]
        elif kind < 0.8 and i + 1 < len(w):
            w[i], w[i + 1] = w[i + 1], w[i]
        else:
            w.insert(i, w[i])
    return "".join(w)[:MAXLEN]


def sample(per_word):
    rows = [(typo(w), y) for y, w in enumerate(lexicon) for _ in range(per_word)]
    rnd.shuffle(rows)
    return rows


def encode(rows):
    ids = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for r, (t, _) in enumerate(rows):
        for c, ch in enumerate(t):
            ids[r, c] = ABC.index(ch) + 1
    return ids, torch.tensor([y for _, y in rows])


test = [r for r in sample(3) if r[0] != lexicon[r[1]]]
held = {t for t, _ in test}                               # these very strings are never trained on


class Speller(nn.Module):
    def __init__(self, n_words, d=64, scale=12.0):
        super().__init__()
        self.chars = nn.Embedding(27, 24, padding_idx=0)
        self.place = nn.Parameter(torch.zeros(MAXLEN, 24))
        self.conv = nn.Conv1d(24, 128, 3, padding=1)
        self.mix = nn.Linear(128, d)
        self.words = nn.Parameter(torch.randn(n_words, d))
        self.scale = scale

    def forward(self, ids):
        pad = ids.eq(0)
        e = (self.chars(ids) + self.place).masked_fill(pad.unsqueeze(-1), 0.0)
        h = F.relu(self.conv(e.transpose(1, 2))).masked_fill(pad.unsqueeze(1), 0.0)   # after relu 0 cannot win
        v = self.mix(h.max(dim=2).values)
        return self.scale * F.normalize(v, dim=1) @ F.normalize(self.words, dim=1).t()


net = Speller(len(lexicon))
EPOCHS, PER = 7, 12
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * 47)
tx, ty = encode(test)


def top1(x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


for epoch in range(EPOCHS):
    rows = [r for r in sample(PER) if r[0] not in held]
    x, y = encode(rows)
    net.train()
    losses = []
    for i in torch.arange(len(y)).chunk(47):
        loss = F.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    print("epoch %d: loss %.3f, corrected: %.1f %% of this epoch's typos, %.1f %% of the held-out ones" % (
        epoch, sum(losses) / len(losses), 100 * top1(x, y), 100 * top1(tx, ty)))
net.eval()
for t, y in test[:5]:
    print(f"{t:>12s} -> {lexicon[net(encode([(t, y)])[0]).argmax().item()]:<12s} ({lexicon[y]})")
