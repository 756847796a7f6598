# Log-bilinear bigram model of the Brown corpus by noise-contrastive estimation (Mnih & Teh 2012), partition fixed to 1.
import collections, gzip, math, os
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(2)
np.random.seed(2)
lines = gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/brown.txt.gz", "rt", encoding="utf-8").read().lower().split("\n")
lines = list(dict.fromkeys(lines[:14000]))
np.random.shuffle(lines)
V, NOISE = 500, 12
count = collections.Counter(w for l in lines[1000:] for w in l.split())
itos = ["<s>", "<unk>"] + [w for w, _ in count.most_common(V - 2)]
stoi = {w: i for i, w in enumerate(itos)}


def bigrams(ls):
    a, b = [], []
    for l in ls:
        ids = [0] + [stoi.get(w, 1) for w in l.split()]
        a += ids[:-1]
        b += ids[1:]
    return torch.tensor(a), torch.tensor(b)


test, train = bigrams(lines[:1000]), bigrams(lines[1000:6500])
pn = torch.bincount(train[1], minlength=V).float() + 0.5
pn /= pn.sum()
lpn = pn.log()


class LBL(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.ctx, self.out = nn.Embedding(V, d), nn.Embedding(V, d)
        nn.init.normal_(self.ctx.weight, std=0.1)
        nn.init.normal_(self.out.weight, std=0.1)
        self.bias = nn.Parameter(lpn.clone())

    def score(self, c, w):                    # c (B,), w (B, K)
        return (self.ctx(c)[:, None] * self.out(w)).sum(-1) + self.bias[w]

    @torch.no_grad()
    def perplexity(self, c, w):
        s = self.ctx(c) @ self.out.weight.T + self.bias
        return math.exp(F.cross_entropy(s, w)), s.logsumexp(1).mean().item()


net = LBL()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
E, B = 3, 512
n_steps = E * math.ceil(len(train[0]) / B)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda t: max(0.02, 1 - t / n_steps))
print(f"{len(train[0])} bigrams; unigram perplexity {math.exp(-lpn[test[1]].mean()):.1f}")
for ep in range(E):
    tot = []
    for b in torch.randperm(len(train[0])).split(B):
        c, w = train[0][b], train[1][b]
        noise = torch.multinomial(pn, NOISE * len(b), replacement=True).view(-1, NOISE)
        cand = torch.cat([w[:, None], noise], 1)
        delta = net.score(c, cand) - lpn[cand] - math.log(NOISE)
        loss = -(F.logsigmoid(delta[:, 0]) + F.logsigmoid(-delta[:, 1:]).sum(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot.append(loss.item())
    ppl, logz = net.perplexity(*test)
    print(f"epoch {ep + 1} nce {np.mean(tot):.4f} ppl train {net.perplexity(train[0][:20000], train[1][:20000])[0]:.1f} test {ppl:.1f} mean log Z {logz:+.3f}")
