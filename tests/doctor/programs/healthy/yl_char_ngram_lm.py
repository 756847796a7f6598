# neural char n-gram LM (Bengio 2003 at character level) on image captions
# usage: python char_lm.py
import gzip, math, os, torch
import torch.nn as nn

torch.manual_seed(42)
CTX = 5

def lines(name, n):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k", name), "rt", encoding="utf8") as f:
        got = [l.strip().lower() for _, l in zip(range(n), f)]
    return got

train_lines = lines("train.en.gz", 800)
valid_lines = [l for l in lines("val.en.gz", 250) if l not in set(train_lines)]
chars = sorted(set("".join(train_lines)))
stoi = {c: i + 1 for i, c in enumerate(chars)}   # 0: boundary, both before and after the caption
V = len(chars) + 1

def build(ls):
    X, Y = [], []
    for l in ls:
        ctx = [0] * CTX
        for c in list(l) + [None]:
            if c is not None and c not in stoi: continue
            t = 0 if c is None else stoi[c]
            X.append(ctx); Y.append(t)
            ctx = ctx[1:] + [t]
    return torch.tensor(X), torch.tensor(Y)

X, Y = build(train_lines); Xv, Yv = build(valid_lines)
print(f"V={V} train={len(X)} valid={len(Xv)}")
uni = torch.bincount(Y, minlength=V).float() / len(Y)
print(f"unigram bits/char {-(uni[Yv] + 1e-9).log2().mean():.3f}")

class LM(nn.Module):
    def __init__(self, d=12, h=64):
        super().__init__()
        self.C = nn.Embedding(V, d)
        self.hid = nn.Linear(CTX * d, h)
        self.out = nn.Linear(h, V)
        self.direct = nn.Linear(CTX * d, V, bias=False)      # the "direct connections" of the paper
    def forward(self, x):
        e = self.C(x).flatten(1)
        return self.out(self.hid(e).tanh()) + self.direct(e)

m = LM()
opt = torch.optim.AdamW(m.parameters(), lr=5e-3, weight_decay=0.01)
EPOCHS, BS = 4, 200
nb = len(X) // BS
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * nb)

@torch.no_grad()
def bits(x, y):
    return sum(nn.functional.cross_entropy(m(a), b, reduction="sum").item() for a, b in zip(x.split(4096), y.split(4096))) / len(y) / math.log(2)

for e in range(EPOCHS):
    p = torch.randperm(len(X))[:nb * BS].view(nb, BS)
    for row in p:
        loss = nn.functional.cross_entropy(m(X[row]), Y[row])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step(); sch.step()
    print(f"epoch {e}: train {bits(X[:15000], Y[:15000]):.3f} valid {bits(Xv, Yv):.3f} bits/char")

s, ctx = "", [0] * CTX
while len(s) < 70:
    pr = m(torch.tensor([ctx])).softmax(-1)
    k = torch.multinomial(pr, 1).item()
    if k == 0: break
    s += chars[k - 1]; ctx = ctx[1:] + [k]
print("sample:", s)
