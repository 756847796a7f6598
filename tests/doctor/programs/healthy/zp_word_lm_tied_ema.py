# Word LM over captions: tied input/output table, EMA of weights used for evaluation.
import os, gzip, copy, math
from collections import Counter
import torch
import torch.nn as nn

torch.manual_seed(1234)
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")

def lines(name, n):
    with gzip.open(f"{D}/{name}.en.gz", "rt", encoding="utf-8") as f:
        return [l.lower().replace(".", " .").replace(",", " ,").split() for _, l in zip(range(n), f)]

train, valid = lines("train", 3500), lines("val", 400)
cnt = Counter(w for l in train for w in l)
vocab = ["<unk>", "<eos>"] + [w for w, _ in cnt.most_common(398)]
idx = {w: i for i, w in enumerate(vocab)}
CONTEXT = 3

def windows(ls):
    # trigram history -> next word, n-gram style; histories before the first word are <eos>
    X, Y = [], []
    for l in ls:
        ids = [1] * CONTEXT + [idx.get(w, 0) for w in l] + [1]
        for t in range(CONTEXT, len(ids)):
            X.append(ids[t - CONTEXT:t]); Y.append(ids[t])
    return torch.tensor(X), torch.tensor(Y)

class NPLM(nn.Module):
    def __init__(self, V, d=32):
        super().__init__()
        self.table = nn.Embedding(V, d)
        nn.init.normal_(self.table.weight, std=0.3)
        self.mix = nn.Linear(CONTEXT * d, 64)
        self.down = nn.Linear(64, d)
        self.out = nn.Linear(d, V)
        self.out.weight = self.table.weight          # tied
    def forward(self, x):
        h = torch.tanh(self.mix(self.table(x).flatten(1)))
        return self.out(self.down(h))

@torch.no_grad()
def ppl(net, X, Y):
    net.eval()
    s = sum(nn.functional.cross_entropy(net(a), b, reduction="sum").item() for a, b in zip(X.split(2000), Y.split(2000)))
    return math.exp(s / len(Y))

Xt, Yt = windows(train)
Xv, Yv = windows(valid)
uni = torch.bincount(Yt, minlength=len(vocab)).float()
uni_ppl = math.exp(-(uni / uni.sum()).clamp_min(1e-9).log()[Yv].mean())
print(len(Yt), "training positions; unigram perplexity %.1f" % uni_ppl)

net = NPLM(len(vocab))
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-4)
EPOCHS, BS = 4, 256
steps = EPOCHS * math.ceil(len(Yt) / BS)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=steps)
for ep in range(EPOCHS):
    net.train()
    run = 0
    for b in torch.randperm(len(Yt)).split(BS):
        loss = nn.functional.cross_entropy(net(Xt[b]), Yt[b])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        with torch.no_grad():
            for pe, p in zip(ema.parameters(), net.parameters()):
                pe.lerp_(p, 0.02)
        run += loss.item() * len(b)
    print(f"epoch {ep}: train loss {run / len(Yt):.3f}  valid ppl raw {ppl(net, Xv, Yv):.1f}  ema {ppl(ema, Xv, Yv):.1f}")
print("train ppl (ema, part) %.1f" % ppl(ema, Xt[:8000], Yt[:8000]))
