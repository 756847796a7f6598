# FGM adversarial training: perturb frozen GloVe inputs along the gradient, keep both losses. IMDB openings.
import gzip, os, re, torch, torch.nn as nn
torch.manual_seed(14)
D = os.environ['WORDFIT_DATA']
itos, mat = ['<pad>'], [[0.] * 50]
for line in gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, *v = line.split(' '); itos.append(w); mat.append([float(q) for q in v])
stoi = {w: i for i, w in enumerate(itos)}
rows = [l.rstrip('\n').split('\t') for l in gzip.open(D + '/sentiment/imdb/train.tsv.gz', 'rt', encoding='utf-8')][1:]
pick = torch.randperm(len(rows))[:3000].tolist()
seen = {}
for i in pick:
    ids = [stoi[w] for w in re.findall(r"[a-z]+", rows[i][3].lower().replace('br', '')) if w in stoi][-100:]
    if len(ids) > 5: seen[tuple(ids)] = int(rows[i][0])
xs = nn.utils.rnn.pad_sequence([torch.tensor(k) for k in seen], batch_first=True); ys = torch.tensor(list(seen.values())).float()
n = 2300
emb = nn.Embedding.from_pretrained(torch.tensor(mat), freeze=True, padding_idx=0)
class Head(nn.Module):
    def __init__(s):
        super().__init__(); s.f = nn.Linear(50, 24); s.o = nn.Sequential(nn.Dropout(.2), nn.Linear(24, 1))
    def forward(s, e, m):
        h = torch.tanh(s.f(e)) * m.unsqueeze(-1)
        return s.o(h.sum(1) / m.sum(1, keepdim=True)).squeeze(1)
net = Head(); bce = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), 2e-2); sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
def acc(a, b):
    net.eval()
    with torch.no_grad(): r = ((net(emb(xs[a:b]), (xs[a:b] > 0).float()) > 0) == ys[a:b].bool()).float().mean().item()
    net.train(); return r
for ep in range(8):
    c = ad = 0.
    for b in torch.randperm(n).split(50):
        m = (xs[b] > 0).float(); e = emb(xs[b]).requires_grad_()
        clean = bce(net(e, m), ys[b])
        g, = torch.autograd.grad(clean, e, retain_graph=True)
        r = .05 * g / (g.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-8)
        adv = bce(net(e.detach() + r, m), ys[b])
        opt.zero_grad(); (clean + adv).backward(); opt.step(); c += clean.item(); ad += adv.item()
    sch.step()
    print(f'{ep}: clean {c / 46:.4f} adversarial {ad / 46:.4f} dev acc {acc(n, len(xs)):.4f}')
print(f'train acc {acc(0, n):.4f}')
