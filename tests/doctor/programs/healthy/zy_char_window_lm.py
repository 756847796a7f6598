# Neural probabilistic character model after Bengio et al. 2003, on image captions.
# Fixed window of k letters -> next letter.  Reports bits per character.
import gzip, math, os
import numpy as np
import torch

torch.manual_seed(1)
K, E, H, BS, EPOCHS = 6, 10, 64, 400, 4

def text(split, n):
    p = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/%s.en.gz' % split
    lines = gzip.open(p, 'rt', encoding='utf8').read().lower().split('\n')[:n]
    return '\n'.join(l.strip() for l in lines) + '\n'

raw_tr, raw_va = text('train', 2600), text('val', 400)
chars = sorted(set(raw_tr))
stoi = {c: i for i, c in enumerate(chars)}

def windows(raw):
    ids = np.array([stoi[c] for c in raw if c in stoi])
    view = np.lib.stride_tricks.sliding_window_view(ids, K + 1)
    view = torch.from_numpy(view.copy())
    return view[:, :K], view[:, K]

Xtr, Ytr = windows(raw_tr)
Xva, Yva = windows(raw_va)
print(len(chars), 'letters', tuple(Xtr.shape), tuple(Xva.shape))

g = torch.Generator().manual_seed(2147)
C = torch.randn((len(chars), E), generator=g)
W1 = torch.randn((K * E, H), generator=g) * (5 / 3) / math.sqrt(K * E)
b1 = torch.zeros(H)
W2 = torch.randn((H, len(chars)), generator=g) * 0.01
b2 = torch.zeros(len(chars))
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad_()
print(sum(p.numel() for p in params), 'parameters')

def logits(x):
    h = torch.tanh(C[x].view(-1, K * E) @ W1 + b1)
    return h @ W2 + b2

@torch.no_grad()
def bits(X, Y):
    tot = 0.
    for x, y in zip(X.split(4096), Y.split(4096)):
        tot += torch.nn.functional.cross_entropy(logits(x), y, reduction='sum').item()
    return tot / len(Y) / math.log(2)

opt = torch.optim.AdamW(params, lr=8e-3, weight_decay=0.)
steps = EPOCHS * math.ceil(len(Xtr) / BS)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=8e-3, total_steps=steps, pct_start=.1)
unigram = torch.bincount(Ytr, minlength=len(chars)).float() + 1
ref = -(unigram / unigram.sum()).log2()[Yva].mean().item()
print('letter frequencies alone: %.3f bits' % ref)
for ep in range(EPOCHS):
    perm = torch.randperm(len(Xtr))
    run = 0.
    for ix in perm.split(BS):
        loss = torch.nn.functional.cross_entropy(logits(Xtr[ix]), Ytr[ix])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        run += loss.item() * len(ix)
    print('epoch %d  train %.3f bits (running)  val %.3f bits' % (ep, run / len(Xtr) / math.log(2), bits(Xva, Yva)))
print('final: train %.3f  val %.3f bits per char' % (bits(Xtr[:60000], Ytr[:60000]), bits(Xva, Yva)))

out, ctx = '', [stoi['\n']] * K
for _ in range(120):
    p = torch.softmax(logits(torch.tensor([ctx])), 1)
    i = torch.multinomial(p, 1, generator=g).item()
    out += chars[i]
    ctx = ctx[1:] + [i]
print(repr(out))
