# Mean teacher (Tarvainen & Valpola 2017): 30 labelled tweets a language, the rest unlabelled.
# The student is trained, the teacher is its moving average and is what we ship.
import os, copy, zlib
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(11); np.random.seed(11)
ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
LANGS = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish']
BUCKETS, K = 3000, 40

def grams(t):
    t = ' ' + ' '.join(w for w in t.lower().split() if not w.startswith(('@', 'http', '#'))) + ' '
    return [zlib.crc32(t[i:i + 3].encode()) % BUCKETS for i in range(len(t) - 2)]

def load(part, n):
    out = []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, part + '_text.txt'), encoding='utf-8') as f:
            rows = [g for g in map(grams, f) if len(g) >= K][:n]
        out += [(np.random.permutation(g)[:K], k) for g in rows]        # 40 trigrams of every tweet, any order
    x, y = zip(*out)
    return torch.tensor(np.array(x)), torch.tensor(y)

X, Y = load('train', 700)
T, TY = load('test', 250)
labelled = torch.cat([torch.where(Y == k)[0][:30] for k in range(len(LANGS))])
mask = torch.ones(len(Y), dtype=torch.bool); mask[labelled] = False
unlabelled = torch.where(mask)[0]
print('labelled', len(labelled), 'unlabelled', len(unlabelled), 'test', len(T))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 32)
        self.fc = nn.Linear(32, len(LANGS))
    def forward(self, x, noisy=False):
        if noisy:                                        # another random two thirds of the trigrams on each call
            x = x.gather(1, torch.rand(x.shape).argsort(1)[:, :K * 2 // 3])
        return self.fc(self.bag(x))

student = Net(); teacher = copy.deepcopy(student)
for p in teacher.parameters(): p.requires_grad_(False)
opt = torch.optim.Adam(student.parameters(), lr=8e-3)
EPOCHS, B = 8, 100
steps = EPOCHS * (len(unlabelled) // B)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
step = 0
for ep in range(EPOCHS):
    student.train(); sup = con = 0.; n = 0
    for u in torch.randperm(len(unlabelled)).split(B)[:len(unlabelled) // B]:
        li = labelled[torch.randint(len(labelled), (60,))]
        xu = X[unlabelled[u]]
        ls = F.cross_entropy(student(X[li], True), Y[li])
        with torch.no_grad(): soft = teacher(torch.cat([xu, X[li]]), True).mul(2).softmax(1)
        lc = F.kl_div(student(torch.cat([xu, X[li]]), True).log_softmax(1), soft, reduction='batchmean')
        w = 3. * float(np.exp(-5 * (1 - min(1, step / (.4 * steps))) ** 2))
        opt.zero_grad(); (ls + w * lc).backward(); opt.step(); sched.step(); step += 1
        a = min(1 - 1 / (step + 1), .97)
        with torch.no_grad():
            for p, q in zip(teacher.parameters(), student.parameters()): p.mul_(a).add_(q, alpha=1 - a)
        sup += ls.item(); con += lc.item(); n += 1
    student.eval(); teacher.eval()
    with torch.no_grad():
        acc = lambda m, x, y: (m(x).argmax(1) == y).float().mean().item()
        print('epoch %d sup %.3f cons %.3f w %.2f | unlabelled: teacher %.3f | test: student %.3f teacher %.3f' % (ep, sup / n, con / n, w, acc(teacher, X[unlabelled], Y[unlabelled]), acc(student, T, TY), acc(teacher, T, TY)))
