# Prototypical networks (Snell et al. 2017) on made-up word families.
# Every family shares an ending; test families have endings never met in training.
import random
import string
import torch
from torch import nn

random.seed(4); torch.manual_seed(4)
L = string.ascii_lowercase
N_WAY, K_SHOT, N_QUERY = 5, 5, 10

def make_family(ending, n=60):
    words = []
    for _ in range(n):
        e = list(ending)
        if random.random() < .35:               # slips of the pen
            e[random.randrange(4)] = random.choice(L)
        stem = ''.join(random.choice(L) for _ in range(4))
        words.append(stem + ''.join(e))
    return torch.tensor([[L.index(c) for c in w] for w in words])

endings = set()
while len(endings) < 160:
    endings.add(''.join(random.choice(L) for _ in range(4)))
endings = sorted(endings)
random.shuffle(endings)
families = [make_family(e) for e in endings]
meta_train, meta_test = families[:120], families[120:]

class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.ch = nn.Embedding(26, 16)
        self.pos = nn.Parameter(torch.zeros(8, 1))
        self.out = nn.Linear(8 * 16, 48)
    def forward(self, w):
        e = self.ch(w) * torch.exp(self.pos)    # one gain per place
        return self.out(e.flatten(1))

def episode(pool):
    fam = random.sample(pool, N_WAY)
    s, q = [], []
    for f in fam:
        p = torch.randperm(len(f))[:K_SHOT + N_QUERY]
        s.append(f[p[:K_SHOT]]); q.append(f[p[K_SHOT:]])
    y = torch.arange(N_WAY).repeat_interleave(N_QUERY)
    return torch.cat(s), torch.cat(q), y

def score(net, s, q):
    z = net(torch.cat([s, q]))
    protos = z[:len(s)].view(N_WAY, K_SHOT, -1).mean(1)
    return -(z[len(s):, None] - protos[None]).pow(2).sum(-1)

net = Embed()
opt = torch.optim.Adam(net.parameters(), 2e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 100, .4)
ce = nn.CrossEntropyLoss()
run_l = run_a = 0.
for it in range(1, 401):
    s, q, y = episode(meta_train)
    out = score(net, s, q)
    loss = ce(out, y)
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    run_l += loss.item(); run_a += (out.argmax(1) == y).float().mean().item()
    if it % 80 == 0:
        print(f'episode {it}: loss {run_l / 80:.3f} acc {run_a / 80:.3f}')
        run_l = run_a = 0.

net.eval()
with torch.no_grad():
    def many(pool, n=60):
        r = 0.
        for _ in range(n):
            s, q, y = episode(pool)
            r += (score(net, s, q).argmax(1) == y).float().mean().item()
        return r / n
    print(f'{N_WAY}-way {K_SHOT}-shot  seen families {many(meta_train):.3f}   new families {many(meta_test):.3f}')
print('gain per letter place', [round(v, 2) for v in net.pos.exp().flatten().tolist()])
