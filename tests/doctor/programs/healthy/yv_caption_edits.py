# Repair garbled English captions with edit operations instead of generating: per token KEEP, DELETE or SWAP-with-next.
# Corruption: some words are stuttered, some neighbours are exchanged. Whole pipeline: corrupt -> tag -> apply -> compare.
import gzip, os, random
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F
random.seed(31); torch.manual_seed(31)
KEEP, DEL, SWAP = 0, 1, 2
with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8") as fh:
    caps = [l.lower().replace(".", " .").replace(",", " ,").split() for l in fh.readlines()[:5200]]
caps = [list(c) for c in dict.fromkeys(tuple(c) for c in caps if 5 <= len(c) <= 15)]
DET = {"a", "an", "the", "his", "her", "two"}

def corrupt(s):
    toks, ops, i = [], [], 0
    while i < len(s):
        u = random.random()
        if u < .08:
            toks += [s[i], s[i]]; ops += [DEL, KEEP]; i += 1
        elif i + 1 < len(s) and s[i] in DET and s[i + 1] not in DET and u < .35:
            toks += [s[i + 1], s[i]]; ops += [SWAP, KEEP]; i += 2
        else:
            toks.append(s[i]); ops.append(KEEP); i += 1
    return toks, ops

def apply(toks, ops):
    out, i = [], 0
    while i < len(toks):
        if ops[i] == SWAP and i + 1 < len(toks):
            out += [toks[i + 1], toks[i]]; i += 2; continue
        if ops[i] != DEL: out.append(toks[i])
        i += 1
    return out

train_c, test_c = caps[300:2800], caps[:300]
cnt = Counter(w for c in train_c for w in c)
V = {w: i + 4 for i, (w, c) in enumerate(cnt.most_common()) if c > 2}
def wid(w): return V.get(w, 1 + (len(w) > 5) + (w.endswith("ing")))         # 1..3: buckets for rare words, 0: no word
train, test = [(c, *corrupt(c)) for c in train_c], [(c, *corrupt(c)) for c in test_c]

def tensors(rows):
    T = max(len(t) for _, t, _ in rows)
    X, S, Y = torch.zeros(T + 4, len(rows), dtype=torch.long), torch.zeros(T, len(rows)), torch.full((T, len(rows)), -1)
    for j, (_, t, o) in enumerate(rows):        # time first; two empty places before and after each sentence
        X[2:2 + len(t), j] = torch.tensor([wid(w) for w in t])
        S[:len(t) - 1, j] = torch.tensor([float(a == b) for a, b in zip(t, t[1:])])   # same as next?
        Y[:len(t), j] = torch.tensor(o)
    return X, S, Y

class Editor(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.E = nn.Embedding(len(V) + 4, d)
        self.a = nn.Linear(5 * d + 1, 64)
        self.b = nn.Linear(64, 3)
    def forward(self, X, S):
        e = self.E(X); T = X.size(0) - 4
        ctx = torch.cat([e[k:k + T] for k in range(5)] + [S[..., None]], -1)
        return self.b(F.relu(self.a(ctx)))

net = Editor(); opt = torch.optim.Adam(net.parameters(), 8e-3)
def evaluate(rows):
    net.eval()
    with torch.no_grad():
        X, S, Y = tensors(rows); P = net(X, S).argmax(-1)
    hit = [apply(t, P[:len(t), j].tolist()) == c for j, (c, t, _) in enumerate(rows)]
    return (P == Y)[Y >= 0].float().mean().item(), sum(hit) / len(hit)
print("untouched sentences: %.3f" % (sum(t == c for c, t, _ in test) / len(test)))
E = 4
for ep in range(E):
    net.train(); random.shuffle(train); tot = n = 0
    for g in opt.param_groups: g["lr"] = 8e-3 * (1 - ep / E)
    for k in range(0, len(train), 50):
        X, S, Y = tensors(train[k:k + 50])
        loss = F.cross_entropy(net(X, S).flatten(0, 1), Y.flatten(), ignore_index=-1)
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item(); n += 1
    (ta, te), (da, de) = evaluate(train[:300]), evaluate(test)
    print(f"epoch {ep} loss {tot/n:.4f} | train ops {ta:.4f} repaired {te:.3f} | test ops {da:.4f} repaired {de:.3f}")
