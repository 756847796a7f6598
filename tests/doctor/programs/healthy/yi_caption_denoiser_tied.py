# Denoising autoencoder on caption bags (Multi30k French). Half of the words of a caption are taken away,
# the net has to give all of them back. Decoder weights = encoder weights (tied), only two biases extra.
# Score: of the words that were taken away, how many are among the 25 most probable that weren't in the input.
import gzip, os, re
from collections import Counter
import numpy as np, torch

torch.manual_seed(1); np.random.seed(1)
base = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
def read(name, n):
    with gzip.open(os.path.join(base, name), 'rt', encoding='utf-8') as f:
        return [sorted(set(re.findall(r'\w{3,}', next(f).lower()))) for _ in range(n)]
train = read('train.fr.gz', 6000)
keys = set(map(tuple, train))
test = [s for s in read('val.fr.gz', 500) if tuple(s) not in keys]
V = 600
top = [w for w, _ in Counter(w for s in train for w in s).most_common(V + 20)][20:]   # leave out the 20 commonest
ix = {w: i for i, w in enumerate(top)}

def bags(sents):
    m = torch.zeros(len(sents), V)
    for r, s in enumerate(sents):
        for w in s:
            if w in ix: m[r, ix[w]] = 1.
    return m[m.sum(1) >= 4]
Xtr, Xte = bags(train), bags(test)
gen = torch.Generator().manual_seed(0)
keep_te = (torch.rand(Xte.shape, generator=gen) < .5).float()

class TiedAE(torch.nn.Module):
    def __init__(self, v, h):
        super().__init__()
        self.W = torch.nn.Parameter(torch.randn(v, h) * .05)
        self.b_h = torch.nn.Parameter(torch.zeros(h))
        p = Xtr.mean(0).clamp(1e-4)
        self.b_v = torch.nn.Parameter(torch.log(p / (1 - p)))     # start at the word frequencies
    def forward(self, x):
        h = torch.tanh(x @ self.W + self.b_h)
        return h @ self.W.t() + self.b_v

def recall(logits, x, keep, k=25):
    gone = x * (1 - keep)
    best = logits.masked_fill(x * keep > 0, -1e9).topk(k, 1).indices
    return (gone.gather(1, best).sum() / gone.sum()).item()

net = TiedAE(V, 64)
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
with torch.no_grad():
    print('most frequent words: recall@25 %.3f' % recall(net.b_v.expand_as(Xte), Xte, keep_te))
for ep in range(8):
    if ep in (4, 6, 7): opt.param_groups[0]['lr'] /= 4
    tot = 0
    for i in torch.randperm(len(Xtr)).split(64):
        x = Xtr[i]
        z = net(x * (torch.rand_like(x) < .5))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, x, reduction='none').sum(1).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(i)
    with torch.no_grad():
        zt = net(Xte * keep_te)
        lt = torch.nn.functional.binary_cross_entropy_with_logits(zt, Xte, reduction='none').sum(1).mean().item()
    print('ep %d  train %.3f  test %.3f nats  recall@25 of removed words %.3f' % (ep, tot / len(Xtr), lt, recall(zt, Xte, keep_te)))
