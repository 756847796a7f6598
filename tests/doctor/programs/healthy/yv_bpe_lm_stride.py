# Byte-pair encoding and a language model for German captions in one file.
# Training: contiguous blocks (block t's targets are its own tokens one step on). Scoring: overlapping windows, only the
# second half of each window counts, so that every scored token has at least 16 tokens to its left.
import gzip, math, os, re
from collections import Counter
import torch
from torch import nn
torch.manual_seed(9)

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k/train.de.gz"), "rt", encoding="utf-8") as f:
    sents = [re.findall(r"[^\W\d_]+|[^\w\s]|\d", l.lower()) for l in f.readlines()[:1900]]
fit, held = sents[:1700], sents[1700:]

# --- learn merges on word types
types = {tuple("_" + w): c for w, c in Counter(w for s in fit for w in s).items() if c > 1}
merges = []
for _ in range(80):
    pairs = Counter()
    for w, c in types.items():
        for p in zip(w, w[1:]):
            pairs[p] += c
    best = max(pairs, key=lambda p: (pairs[p], p))
    merges.append(best)
    new = {}
    for w, c in types.items():
        if best[0] in w:
            o, i = [], 0
            while i < len(w):
                if w[i:i + 2] == best:
                    o.append(w[i] + w[i + 1]); i += 2
                else:
                    o.append(w[i]); i += 1
            w = tuple(o)
        new[w] = new.get(w, 0) + c
    types = new
cache = {}
def pieces(word):
    if word not in cache:
        w = list("_" + word)
        for a, b in merges:
            i = 0
            while i < len(w) - 1:
                if w[i] == a and w[i + 1] == b:
                    w[i:i + 2] = [a + b]
                i += 1
        cache[word] = w
    return cache[word]
itos = ["\n", "<?>"] + sorted({p for s in fit for w in s for p in pieces(w)})
stoi = {p: i for i, p in enumerate(itos)}
def stream(ss): return torch.tensor([stoi.get(p, 1) for s in ss for p in [q for w in s for q in pieces(w)] + ["\n"]])
tr, te = stream(fit), stream(held)
chars = sum(len(w) + 1 for s in held for w in s)
print(len(itos), "pieces,", len(tr), "/", len(te), "tokens; unknown in held-out:", int((te == 1).sum()))
p1 = (torch.bincount(tr, minlength=len(itos)) + 1.) / (len(tr) + len(itos))
print("unigram: %.3f bits per character" % (-p1[te].log2().sum() / chars))

class LM(nn.Module):
    def __init__(self, v, d=48):
        super().__init__()
        self.emb = nn.Embedding(v, d); nn.init.normal_(self.emb.weight, std=.1)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.bias = nn.Parameter(p1.log().clone())
    def forward(self, x):
        h, _ = self.rnn(self.emb(x))
        return h @ self.emb.weight.T + self.bias          # in = out

BLOCK, WIN, STRIDE = 32, 32, 16
lm = LM(len(itos)); opt = torch.optim.AdamW(lm.parameters(), lr=8e-3, weight_decay=.01)
k = (len(tr) - 1) // BLOCK
xs, ys = tr[:k * BLOCK].view(k, BLOCK), tr[1:k * BLOCK + 1].view(k, BLOCK)
EP = 4
steps = EP * math.ceil(k / 32); sch = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=steps, pct_start=.2)

@torch.no_grad()
def strided(ids):
    nats = n = 0
    wins = ids.unfold(0, WIN + 1, STRIDE)
    lp = lm(wins[:, :-1]).log_softmax(-1).gather(-1, wins[:, 1:, None])[..., 0]
    mask = torch.zeros_like(lp, dtype=torch.bool); mask[:, WIN - STRIDE:] = True; mask[0] = True
    return -(lp * mask).sum().item(), int(mask.sum())

for ep in range(EP):
    tot = 0.
    for b in torch.randperm(k).split(32):
        l = nn.functional.cross_entropy(lm(xs[b]).flatten(0, 1), ys[b].flatten())
        opt.zero_grad(); l.backward(); nn.utils.clip_grad_norm_(lm.parameters(), 1.); opt.step(); sch.step()
        tot += l.item() * len(b)
    nats, n = strided(te)
    print(f"epoch {ep} train ppl {math.exp(tot / k):.1f} held-out ppl {math.exp(nats / n):.1f} = {nats / n / math.log(2) * len(te) / chars:.3f} bits per character")
