# Neural character language model in the style of Bengio et al. 2003 on a slice of wikitext-2;
# the best weights (on dev) are kept in memory and put back before the final numbers.
import copy, gzip, math, os, string
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(2003)
P = os.path.join(os.environ['WORDFIT_DATA'], 'corpora')
ALPHABET = ' ' + string.ascii_lowercase + ".,'-0"
look = {c: i for i, c in enumerate(ALPHABET)}
N = 6

def characters(name, first, last):
    with gzip.open(os.path.join(P, name), 'rt', encoding='utf-8') as f:
        text = f.read().lower().replace('<unk>', '')
    text = ''.join('0' if c.isdigit() else c for c in text if c.isdigit() or c in look or c == '\n').replace('\n', ' ')
    text = ' '.join(text.split())[first:last]
    return torch.tensor([look[c] for c in text])

train = characters('wikitext-2.valid.txt.gz', 0, 400_000)
dev = characters('wikitext-2.test.txt.gz', 0, 15_000)
test = characters('wikitext-2.test.txt.gz', 30_000, 45_000)
print('characters', len(train), len(dev), len(test))

def windows(seq):
    w = seq.unfold(0, N + 1, 1)
    return w[:, :N], w[:, N]

class Bengio(torch.nn.Module):
    def __init__(self, k, d=12, h=64):
        super().__init__()
        self.C = torch.nn.Embedding(k, d)
        self.H = torch.nn.Linear(N * d, h)
        self.U = torch.nn.Linear(h, k, bias=False)
        self.Wx = torch.nn.Linear(N * d, k)          # the direct connections
        torch.nn.init.zeros_(self.U.weight)
    def forward(self, ctx):
        x = self.C(ctx).flatten(1)
        return self.Wx(x) + self.U(torch.tanh(self.H(x)))

def bits(model, seq):
    model.eval()
    x, y = windows(seq)
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item() / math.log(2)

uni = torch.bincount(train, minlength=len(ALPHABET)).float(); uni /= uni.sum()
print('unigram bits/char on test %.3f' % -(uni[test].log2().mean().item()))
big = torch.full((len(ALPHABET),) * 2, .1).index_put_((train[:-1], train[1:]), torch.ones(len(train) - 1), accumulate=True)
print('bigram  bits/char on test %.3f' % -((big / big.sum(1, keepdim=True))[test[:-1], test[1:]].log2().mean().item()))

model = Bengio(len(ALPHABET))
print('untrained dev bits/char %.3f' % bits(model, dev))
X, Y = windows(train)
STEPS, BATCH = 900, 256
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=1e-4)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, STEPS)
best, state, step, run = float('inf'), None, 0, 0.
while step < STEPS:
    for idx in torch.randperm(len(X)).split(BATCH):
        model.train()
        loss = F.cross_entropy(model(X[idx]), Y[idx])
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        run += loss.item(); step += 1
        if step % 100 == 0:
            d = bits(model, dev)
            print(f'step {step:5d} train {run / 100 / math.log(2):.3f} dev {d:.3f}'); run = 0.
            if d < best:
                best, state = d, copy.deepcopy(model.state_dict())
        if step == STEPS: break
model.load_state_dict(state)
print('bits/char: train %.3f dev %.3f test %.3f' % (bits(model, train[:20_000]), bits(model, dev), bits(model, test)))
