# Which corpus does a line come from? Bag of hashed words, weights quantised to 4 bits in the forward pass
# (straight-through estimator), so that the exported integer model scores the same.
import os, gzip, zlib, itertools, random
import torch, torch.nn as nn

random.seed(9); torch.manual_seed(9)
root = os.path.join(os.environ['WORDFIT_DATA'], 'corpora')
FILES = ['brown.txt.gz', 'reuters-21578-bodies.txt.gz', 'imdb-unsup-25k.txt.gz', 'enwiki-2018-sample.txt.gz']
BUCKETS, LEN = 2048, 40


def chunks(name, n):
    got = []
    with gzip.open(os.path.join(root, name), 'rt', encoding='utf-8', errors='replace') as f:
        buf = []
        for line in f:
            buf += [w.strip('.,;:!?"\'`()<>/-') for w in line.lower().replace('<br />', ' ').split()[:400]]
            buf = [w for w in buf if w.isalpha()]
            while len(buf) >= LEN:
                got.append(buf[:LEN]); buf = buf[LEN:]
            if len(got) >= n * 4:
                break
    got = got[:n * 4]
    return got[::4][:n]                              # every fourth chunk


data = []
for lab, name in enumerate(FILES):
    part = chunks(name, 2000)
    hashed = [[zlib.crc32(w.encode()) % BUCKETS for w in c] for c in part]
    data.append((torch.tensor(hashed), torch.full((len(hashed),), lab)))
# every fifth block of twenty chunks is held out, so that hardly any article is on both sides
held = torch.arange(2000) // 20 % 5 == 4
tr = [torch.cat([d[i][~held] for d in data]) for i in (0, 1)]
te = [torch.cat([d[i][held] for d in data]) for i in (0, 1)]


def fake_quant(w, bits=4):
    q = 2 ** (bits - 1) - 1
    s = (w.detach().abs().amax(-1, keepdim=True) / q).clamp_min(1e-8)
    return w + ((w / s).round().clamp(-q, q) * s - w).detach()


class QEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(BUCKETS, 10) * .1)
        self.w = nn.Parameter(torch.randn(len(FILES), 10) * .2)
        self.b = nn.Parameter(torch.zeros(len(FILES)))
        self.drop = nn.Dropout(.2)

    def forward(self, ids):
        rows = fake_quant(self.table[ids]).sum(1) / LEN ** .5
        return nn.functional.linear(self.drop(rows), fake_quant(self.w), self.b)


model = QEmbed()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=.3)
EPOCHS = 3
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(tr[0]) // 64 + 1))


@torch.no_grad()
def acc(x, y):
    model.eval()
    return (model(x).argmax(1) == y).float().mean().item()


for ep in range(EPOCHS):
    model.train()
    losses = []
    for idx in torch.randperm(len(tr[0])).split(64):
        loss = nn.functional.cross_entropy(model(tr[0][idx]), tr[1][idx], label_smoothing=.1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step(); sched.step()
        losses.append(loss.item())
    print(f'{ep} loss {sum(losses) / len(losses):.3f} train {acc(*tr):.3f} held out {acc(*te):.3f}')
levels = fake_quant(model.w).detach()[0].unique().numel()
print('distinct values in one output row:', levels, '(at most 15)')
