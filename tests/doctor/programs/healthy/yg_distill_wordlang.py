import gzip, os, re
import torch, torch.nn as nn, torch.nn.functional as F

# Which language does a single word belong to? A wide teacher on character n-grams, a small student on soft targets.
torch.manual_seed(64)
DIR = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS, H = ['en', 'de', 'fr', 'cs'], 3000
owner = {}
for k, l in enumerate(LANGS):
    with gzip.open(f'{DIR}/train.{l}.gz', 'rt', encoding='utf-8') as f:
        for line in f.readlines()[:3500]:
            for w in re.findall(r'[^\W\d_]{4,}', line.lower()):
                owner.setdefault(w, set()).add(k)
words = sorted(w for w, s in owner.items() if len(s) == 1)
y = torch.tensor([next(iter(owner[w])) for w in words])


def grams(w):
    w = '^' + w + '$'
    r = []
    for n in (1, 2, 3):
        for i in range(len(w) - n + 1):
            h = 7
            for c in w[i:i + n]: h = (h * 31 + ord(c)) % 1000003
            r.append(h % H)
    return r


G = [grams(w) for w in words]
perm = torch.randperm(len(words))[:7000]
te, tr = perm[:1500], perm[1500:]


def inp(idx):
    rows = [G[i] for i in idx.tolist()]
    return torch.tensor([g for r in rows for g in r]), torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)


def net(d, p):
    return nn.ModuleDict({'e': nn.EmbeddingBag(H, d, mode='mean'), 'h': nn.Sequential(nn.Dropout(p), nn.Linear(d, 4))})


run = lambda m, x: m['h'](m['e'](*x))
prior = torch.bincount(y[tr], minlength=4).float()
print('words', len(tr), len(te), 'majority', round((y[te] == prior.argmax()).float().mean().item(), 3))


def acc(m, idx):
    m.eval()
    with torch.no_grad(): return (run(m, inp(idx)).argmax(1) == y[idx]).float().mean().item()


teacher, student, T = net(48, .3), net(8, 0.), 2.0
opt = torch.optim.Adam(teacher.parameters(), 1e-2)
for ep in range(3):
    teacher.train()
    for b in tr[torch.randperm(len(tr))].split(64):
        loss = F.cross_entropy(run(teacher, inp(b)), y[b], label_smoothing=.05)
        opt.zero_grad(); loss.backward(); opt.step()
    print(f'teacher {ep} loss {loss.item():.3f} train {acc(teacher, tr):.3f} test {acc(teacher, te):.3f}')
teacher.eval()
for p in teacher.parameters(): p.requires_grad = False
opt = torch.optim.Adam(student.parameters(), 2e-2)
for ep in range(5):
    student.train(); tot = 0
    for b in tr[torch.randperm(len(tr))].split(64):
        x = inp(b)
        with torch.no_grad(): soft = F.log_softmax(run(teacher, x) / T, 1)
        out = run(student, x)
        kd = F.kl_div(F.log_softmax(out / T, 1), soft, log_target=True, reduction='batchmean') * T * T
        loss = .8 * kd + .2 * F.cross_entropy(out, y[b])
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() * len(b)
    if ep == 2: opt.param_groups[0]['lr'] = 5e-3
    print(f'student {ep} loss {tot / len(tr):.3f} train {acc(student, tr):.3f} test {acc(student, te):.3f}')
