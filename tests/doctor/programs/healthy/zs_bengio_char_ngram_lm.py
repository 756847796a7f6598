# Bengio-style neural n-gram model on characters (exercise 3 of the course), wikitext-2 validation text for training,
# the first part of the test text for evaluation.  Input and output embeddings share one matrix.
import gzip, math, os
import torch
import torch.nn as nn
from torch.nn.functional import cross_entropy

torch.manual_seed(2)
W = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
ALPHABET = " abcdefghijklmnopqrstuvwxyz.,'0-"
stoi = {c: i for i, c in enumerate(ALPHABET)}


def corpus(name, limit):
    text = gzip.open(f"{W}/{name}", "rt", encoding="utf-8").read(4 * limit).lower().replace("<unk>", "")
    text = "".join("0" if c.isdigit() else c for c in text)
    text = " ".join("".join(c for c in text if c in stoi or c == "\n").split())
    return torch.tensor([stoi[c] for c in text[:limit]])


train, test = corpus("wikitext-2.valid.txt.gz", 220_000), corpus("wikitext-2.test.txt.gz", 30_000)
N = 4                                                   # characters of context


def examples(seq):
    w = seq.unfold(0, N + 1, 1)
    return w[:, :N], w[:, N]


class NPLM(nn.Module):
    def __init__(self, V, d=24, h=96):
        super().__init__()
        self.C = nn.Parameter(torch.randn(V, d) * 0.3)
        self.H = nn.Linear(N * d, h)
        self.P = nn.Linear(h, d)
        self.b = nn.Parameter(torch.zeros(V))

    def forward(self, ctx):
        x = self.C[ctx].flatten(1)
        return self.P(torch.tanh(self.H(x))) @ self.C.t() + self.b


xtr, ytr = examples(train)
xte, yte = examples(test)
model = NPLM(len(ALPHABET))
print(sum(p.numel() for p in model.parameters()), "parameters,", len(ytr), "training positions")
counts = torch.bincount(ytr, minlength=len(ALPHABET)).float()
print("unigram: %.3f bits per character" % (cross_entropy((counts + 1).log().expand(len(yte), -1), yte) / math.log(2)))

STEPS, B = 480, 512
opt = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98))
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=2e-2, total_steps=STEPS, pct_start=0.2)


def bits(x, y):
    with torch.no_grad():
        return cross_entropy(model(x), y).item() / math.log(2)


order = torch.randperm(len(ytr))
at = 0
for step in range(1, STEPS + 1):
    if at + B > len(order):
        order, at = torch.randperm(len(ytr)), 0
    i = order[at:at + B]
    at += B
    loss = cross_entropy(model(xtr[i]), ytr[i])
    for p in model.parameters():
        p.grad = None
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 80 == 0:
        print(f"step {step:4d}  loss {loss.item():.3f}  train {bits(xtr[:30000], ytr[:30000]):.3f}  test {bits(xte, yte):.3f} bits/char")

ctx, out = train[:N].tolist(), []
for _ in range(60):
    with torch.no_grad():
        ctx.append(int(torch.multinomial(model(torch.tensor([ctx[-N:]])).softmax(1)[0], 1)))
print("sample:", "".join(ALPHABET[c] for c in ctx))
print("perplexity per character: %.2f" % 2 ** bits(xte, yte))
