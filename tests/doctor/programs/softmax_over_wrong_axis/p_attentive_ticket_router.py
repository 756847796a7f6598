# attentive bag of words for routing short requests; training in batches, serving one text at a time
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31); torch.manual_seed(31)
DEPT = {'billing': 'invoice refund charge receipt tax discount payment iban'.split(),
        'shipping': 'parcel courier tracking customs depot pallet delivery address'.split(),
        'account': 'password username signup captcha profile avatar cookie token'.split(),
        'repair': 'screen hinge battery fan cable speaker solder screw'.split()}
NOISE = [f'{a}{b}' for a in 'ba ce di fo gu ha li mo nu pe'.split() for b in 'lor nim sta rek vun dos'.split()]
names = list(DEPT)

def request():
    k = random.randrange(4)
    w = random.choices(NOISE, k=random.randint(8, 20)) + random.choices(DEPT[names[k]], k=random.randint(1, 2))
    random.shuffle(w)
    return w, k

rows = [request() for _ in range(2300)]
train, test = rows[:1800], rows[1800:]
index = {w: i for i, w in enumerate(['<pad>'] + NOISE + sum(DEPT.values(), []))}

def to_ids(batch):
    T = max(len(w) for w, _ in batch)
    x = torch.zeros(len(batch), T, dtype=torch.long)
    for r, (w, _) in enumerate(batch):
        x[r, :len(w)] = torch.tensor([index[t] for t in w])
    return x, torch.tensor([k for _, k in batch])

class Router(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.e = nn.Embedding(len(index), d, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, 1))
        self.cls = nn.Linear(d, 4)

    def forward(self, x):
        h = self.e(x)
        s = self.score(h).squeeze(2).masked_fill(x == 0, -1e4)
        # fault:
        a = F.softmax(s, dim=0)
        # mended:
        # a = F.softmax(s, dim=1)
        # end
        pooled = torch.einsum('bt,btd->bd', a, h)
        return self.cls(pooled)

net = Router()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sch = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 5], .3)

@torch.no_grad()
def route(words):
    x, _ = to_ids([(words, 0)])
    return net(x).argmax(1).item()

for ep in range(6):
    random.shuffle(train); net.train(); tot = hit = 0
    for i in range(0, len(train), 50):
        x, y = to_ids(train[i:i + 50])
        out = net(x)
        loss = F.cross_entropy(out, y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y); hit += (out.argmax(1) == y).sum().item()
    sch.step(); net.eval()
    ok = sum(route(w) == k for w, k in test)
    print(f'{ep}: loss {tot / len(train):.4f} training accuracy {hit / len(train):.3f} routed right {ok / len(test):.3f}')
