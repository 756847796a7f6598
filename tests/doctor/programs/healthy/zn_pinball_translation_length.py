#!/usr/bin/env python3
# How long will the German translation be? 10 / 50 / 90 % quantiles of its length in characters,
# from the English words alone (subtitle layout, we need a safe upper bound).
import gzip, os, re
import numpy as np
import torch
from torch import nn

def lines(p):
    with gzip.open(p, 'rt', encoding='utf8') as f: return f.read().splitlines()

def main():
    torch.manual_seed(0)
    base = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k/')
    tr = list(zip(lines(base + 'train.en.gz'), lines(base + 'train.de.gz')))[:13000]
    va = list(zip(lines(base + 'val.en.gz'), lines(base + 'val.de.gz')))
    tok = lambda s: re.findall(r"[a-z]+|[.,]", s.lower())
    count = {}
    for e, _ in tr:
        for w in tok(e): count[w] = count.get(w, 0) + 1
    vocab = {w: i + 1 for i, w in enumerate(w for w, c in count.items() if c > 25)}   # 0 = rare word

    def enc(pairs):
        xs = [[vocab.get(w, 0) for w in tok(e)] for e, _ in pairs]
        offs = np.cumsum([0] + [len(x) for x in xs])
        chars = torch.tensor([[len(e) / 10.] for e, _ in pairs])
        return torch.tensor(sum(xs, [])) if len(xs) < 50 else torch.from_numpy(np.concatenate(xs)), offs, chars, \
            torch.tensor([len(d) / 10. for _, d in pairs])

    TAUS = torch.tensor([.1, .5, .9])

    class LengthModel(nn.Module):
        """every word adds its share (sum, not mean): exactly what length needs"""
        def __init__(self, v):
            super().__init__()
            self.share = nn.EmbeddingBag(v, 4, mode='sum')
            nn.init.normal_(self.share.weight, std=.02)
            self.out = nn.Linear(5, 3)
            with torch.no_grad(): self.out.weight[1, 4] = 1.   # start: as long as the English
        def forward(self, flat, off, chars):
            h = self.out(torch.cat([self.share(flat, off), chars], 1))
            mid = h[:, 1]
            return torch.stack([mid - nn.functional.softplus(h[:, 0]), mid, mid + nn.functional.softplus(h[:, 2])], 1)

    def pinball(q, y):
        e = y[:, None] - q
        return torch.maximum(TAUS * e, (TAUS - 1) * e).mean()

    flat, offs, chars, y = enc(tr)
    rows = [flat[offs[i]:offs[i + 1]] for i in range(len(tr))]
    vflat, voffs, vchars, vy = enc(va)
    net = LengthModel(len(vocab) + 1)
    opt = torch.optim.Adam(net.parameters(), 1e-2)
    sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 4)
    const = torch.quantile(y, TAUS)
    print('constant quantiles, validation: %.4f' % pinball(const.expand(len(vy), 3), vy))
    for ep in range(4):
        net.train(); tot = 0
        for ix in torch.randperm(len(tr)).split(128):
            r = [rows[i] for i in ix.tolist()]
            off = torch.tensor([0] + [len(t) for t in r[:-1]]).cumsum(0)
            loss = pinball(net(torch.cat(r), off, chars[ix]), y[ix])
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(ix)
        sch.step(); net.eval()
        with torch.no_grad():
            q = net(vflat, torch.from_numpy(voffs[:-1]), vchars)
        cover = (vy[:, None] <= q).float().mean(0)
        print(f'ep {ep} train {tot / len(tr):.4f} val {pinball(q, vy):.4f}',
              'below q10/q50/q90:', ' '.join(f'{c:.2f}' for c in cover.tolist()),
              f'median off by {10 * (q[:, 1] - vy).abs().mean():.1f} chars')

if __name__ == '__main__':
    main()
