# Entity matching: misspelt company names -> canonical ones, triplet loss with semi-hard mining; names of test are new.
import random, zlib, torch
import torch.nn as nn, torch.nn.functional as F
random.seed(1); torch.manual_seed(1)
SYL = [a + b for a in 'b c d f g k l m n p r s t v z st tr'.split() for b in 'a e i o u an or el'.split()]
def name(): return ' '.join(''.join(random.choices(SYL, k=random.randint(2, 3))) for _ in range(2))
def typo(s):
    s = list(s)
    for _ in range(random.randint(1, 4)):
        i = random.randrange(len(s)); r = random.random()
        if r < .3: s[i] = random.choice('abcdefghiklmnoprstuvz')
        elif r < .6 and len(s) > 5: del s[i]
        elif i: s[i - 1], s[i] = s[i], s[i - 1]
    return ''.join(s)
names = list({name() for _ in range(1700)})
train, test = names[:1300], names[1300:1600]
H = 1500
def enc(strings):
    ids, off = [], []
    for s in strings:
        s = f'^{s}$'; off.append(len(ids))
        ids += [zlib.crc32(s[i:i + n].encode()) % H for n in (1, 2, 3) for i in range(len(s) - n + 1)]
    return torch.tensor(ids), torch.tensor(off)
tower = nn.EmbeddingBag(H, 48, mode='mean')
proj = nn.Linear(48, 32)
def embed(strings): return F.normalize(proj(tower(*enc(strings))), dim=1)
opt = torch.optim.Adam([{'params': tower.parameters(), 'lr': 1e-2}, {'params': proj.parameters(), 'lr': 3e-3}])
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 6], .2)
def recall(ns):
    rng = random.getstate(); random.seed(99); q = [typo(n) for n in ns]; random.setstate(rng)
    with torch.no_grad(): s = embed(q) @ embed(ns).t()
    return (s.argmax(1) == torch.arange(len(ns))).float().mean().item()
print('untrained recall@1 %.3f' % recall(test))
for ep in range(8):
    random.shuffle(train); tot = act = 0.
    for i in range(0, len(train), 100):
        ns = train[i:i + 100]
        a, p = embed([typo(n) for n in ns]), embed(ns)
        d = 2 - 2 * a @ p.t()
        pos = d.diag()
        neg = (d + 9 * torch.eye(len(ns))).topk(3, largest=False).values.mean(1)
        hinge = F.relu(pos - neg + .4)
        loss = hinge.mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); act += (hinge > 0).float().mean().item()
    sched.step()
    print(f'epoch {ep} triplet {tot / 13:.4f} active {act / 13:.2f} recall@1 new names {recall(test):.3f}')
print('recall@1 among 300 training names %.3f' % recall(train[:300]))
