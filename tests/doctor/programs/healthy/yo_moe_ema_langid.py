# Sparse mixture of experts (top-2 gate, load balancing) with EMA weights, language of short character windows
import copy, gzip, os, random, torch, torch.nn as nn, torch.nn.functional as F
random.seed(3); torch.manual_seed(3)
p = os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/'
L = 24
def windows(split, n):
    out = []
    for k, lg in enumerate(['en', 'de', 'fr', 'cs']):
        with gzip.open(f'{p}{split}.{lg}.gz', 'rt', encoding='utf-8') as f:
            ls = [l.strip().lower() for l in f if len(l) > L + 3]
        for l in random.sample(ls, n):
            j = random.randrange(len(l) - L); out.append((l[j:j + L], k))
    random.shuffle(out)
    return out
tr = windows('train', 800); s = {t for t, _ in tr}
te = [r for r in windows('val', 200) if r[0] not in s]
chars = {c: i + 1 for i, c in enumerate(sorted({c for t, _ in tr for c in t}))}
enc = lambda rs: (torch.tensor([[chars.get(c, 0) for c in t] for t, _ in rs]), torch.tensor([k for _, k in rs]))
(xtr, ytr), (xte, yte) = enc(tr), enc(te)

class MoE(nn.Module):
    def __init__(self, E=4, d=16, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, d)
        self.conv = nn.Conv1d(d, h, 3)
        self.gate = nn.Linear(h, E)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(h, 24), nn.ReLU(), nn.Linear(24, 4)) for _ in range(E))
    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2))).amax(2)
        g = self.gate(h).softmax(1)
        val, ix = g.topk(2, dim=1)
        w = torch.zeros_like(g).scatter(1, ix, val / val.sum(1, keepdim=True))
        y = torch.stack([e(h) for e in self.experts], 1)
        load = (w > 0).float().mean(0)
        return (w.unsqueeze(2) * y).sum(1), len(self.experts) * (load * g.mean(0)).sum() / 2, load

net = MoE(); ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.AdamW(net.parameters(), 6e-3, weight_decay=1e-2)
EP = 6
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EP)
def acc(m, x, y):
    m.eval()
    with torch.no_grad(): r = (m(x)[0].argmax(1) == y).float().mean().item()
    m.train(); return r
for ep in range(EP):
    tot = 0.
    for b in torch.randperm(len(xtr)).split(40):
        z, bal, load = net(xtr[b])
        loss = F.cross_entropy(z, ytr[b]) + .02 * bal
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for a, c in zip(ema.parameters(), net.parameters()): a.lerp_(c, .03)
        tot += loss.item() * len(b)
    sch.step()
    print(f'{ep} loss {tot / len(xtr):.4f} test acc raw {acc(net, xte, yte):.4f} ema {acc(ema, xte, yte):.4f} load {[round(v, 2) for v in load.tolist()]}')
print('train acc (ema) %.4f' % acc(ema, xtr, ytr))
