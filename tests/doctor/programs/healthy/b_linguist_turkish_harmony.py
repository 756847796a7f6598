# Vowel harmony as a learning problem: does a small GRU pick up the two Turkish harmonies from nonce stems?
# Plural (2 ways: -lar/-ler) and accusative (4 ways: -ı/-i/-u/-ü). Stems are invented, so nothing can be looked up.
# Read time-major, (T, B), because that is how I learned it.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(1923)
torch.manual_seed(1923)

BACK, FRONT, ROUND = set("aıou"), set("eiöü"), set("ouöü")
C = "bcçdfgğhjklmnprsştvyz"


def stem():
    k = random.choice([1, 2, 2, 3])
    fam = random.choice(["aıou", "eiöü"])
    s = ""
    for i in range(k):
        v = random.choice(fam) if random.random() < 0.8 else random.choice("aıoueiöü")   # loans break harmony inside the stem
        s += random.choice(C) + v
    return s + random.choice(C)


def answers(s):
    last = [c for c in s if c in BACK | FRONT][-1]
    plural = 0 if last in BACK else 1
    acc = {(True, False): 0, (False, False): 1, (True, True): 2, (False, True): 3}[(last in BACK, last in ROUND)]
    return plural, acc


stems = sorted({stem() for _ in range(3600)})
random.shuffle(stems)
letters = {c: i + 1 for i, c in enumerate(sorted(set(C) | BACK | FRONT))}
dev, train = stems[:600], stems[600:]
print(len(train), "stems to learn from,", len(dev), "to judge by; e.g.", train[:6])


def batch(ss):
    ss = sorted(ss, key=len, reverse=True)
    x = pad_sequence([torch.tensor([letters[c] for c in s]) for s in ss])          # (T, B)
    n = torch.tensor([len(s) for s in ss])
    y = torch.tensor([answers(s) for s in ss])
    return x, n, y


emb = nn.Embedding(len(letters) + 1, 16, padding_idx=0)
gru = nn.GRU(16, 32)
plural_head = nn.Linear(32, 2)
acc_head = nn.Linear(32, 4)
modules = nn.ModuleList([emb, gru, plural_head, acc_head])
opt = torch.optim.RMSprop(modules.parameters(), lr=0.002)
ce = nn.CrossEntropyLoss()


def states(x, n):
    _, h = gru(pack_padded_sequence(emb(x), n))
    return h[-1]


for epoch in range(1, 7):
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 30):
        x, n, y = batch(train[k:k + 30])
        h = states(x, n)
        loss = ce(plural_head(h), y[:, 0]) + ce(acc_head(h), y[:, 1])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        x, n, y = batch(dev)
        h = states(x, n)
        pl = (plural_head(h).argmax(1) == y[:, 0]).float().mean()
        ac = (acc_head(h).argmax(1) == y[:, 1]).float().mean()
    print(f"{epoch}: summed loss {tot / len(train):.3f}   plural {pl:.3f}   accusative {ac:.3f}")

with torch.no_grad():
    for s in ["kitap", "gözlük", "yol", "deniz"]:
        if all(c in letters for c in s):
            h = states(*batch([s])[:2])
            print(s, s + ["lar", "ler"][plural_head(h).argmax().item()], s + "'" + "ıiuü"[acc_head(h).argmax().item()])
