# log-bilinear LM on Multi30k captions trained with noise-contrastive estimation (Mnih & Teh 2012), partition fixed at 1
import gzip, os, math, collections
import torch, torch.nn.functional as F
torch.manual_seed(4)
root = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
def load(name, n):
    with gzip.open(root + name, 'rt', encoding='utf-8') as f:
        return [l.lower().replace('.', ' .').replace(',', ' ,').split() for l, _ in zip(f, range(n))]
tr, va = load('train.en.gz', 6000), load('val.en.gz', 1014)
trset = {' '.join(s) for s in tr}
va = [s for s in va if ' '.join(s) not in trset]
cnt = collections.Counter(w for s in tr for w in s)
itos = ['<s>', '<unk>'] + [w for w, _ in cnt.most_common(700)]
stoi = {w: i for i, w in enumerate(itos)}
V = len(itos)
def trigrams(ss):
    out = []
    for s in ss:
        ids = [0, 0] + [stoi.get(w, 1) for w in s] + [0]
        out += zip(ids, ids[1:], ids[2:])
    return torch.tensor(out)
A, B = trigrams(tr), trigrams(va)
noise = torch.bincount(A[:, 2], minlength=V).float() + 1
noise /= noise.sum()
lognoise, k = noise.log(), 20

d = 40
R = torch.empty(V, d).normal_(0, .1).requires_grad_()
C1 = torch.full((d,), .7, requires_grad=True)
C2 = torch.full((d,), .7, requires_grad=True)
Q = torch.empty(V, d).normal_(0, .1).requires_grad_()
bias = lognoise.clone().requires_grad_()
params = [R, C1, C2, Q, bias]
opt = torch.optim.Adam(params, lr=.01)

def context(h): return R[h[:, 0]] * C1 + R[h[:, 1]] * C2
@torch.no_grad()
def ppl(X):
    z = context(X[:, :2]) @ Q.t() + bias
    return math.exp(F.cross_entropy(z, X[:, 2])), z.logsumexp(1).mean().item()

print(f'{len(A)} trigrams, unigram ppl {math.exp(-lognoise[B[:, 2]].mean()):.1f}')
EPOCHS, BS = 4, 512
for ep in range(EPOCHS):
    for gr in opt.param_groups: gr['lr'] = .01 * (1 - ep / EPOCHS) ** 1.5
    tot = n = 0
    for ids in torch.randperm(len(A)).split(BS):
        x = A[ids]
        neg = torch.multinomial(noise, k * 8, replacement=True)       # noise shared by the batch
        c = context(x[:, :2])
        pos_s = (c * Q[x[:, 2]]).sum(1) + bias[x[:, 2]] - lognoise[x[:, 2]] - math.log(k)
        neg_s = c @ Q[neg].t() + bias[neg] - lognoise[neg] - math.log(k)
        loss = (F.softplus(-pos_s) + F.softplus(neg_s).mean(1) * k).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); n += 1
    p, z = ppl(B)
    print(f'epoch {ep} nce {tot / n:.4f}  val ppl {p:.2f}  mean log Z {z:+.3f}')
print('train ppl %.2f, val ppl %.2f' % (ppl(A[:10000])[0], ppl(B)[0]))
