# session based recommendation (a small GRU4Rec): what will be clicked next?  HR@5 and MRR on later sessions
import numpy as np, torch, torch.nn as nn
torch.manual_seed(31)
r = np.random.RandomState(31)

N_ITEMS, N_CAT, PAD = 80, 8, 0
cat = np.arange(N_ITEMS) % N_CAT
follow = {i: r.choice(np.flatnonzero(cat == cat[i]), 3, replace=False) for i in range(N_ITEMS)}

def session():
    s = [r.randint(N_ITEMS)]
    while len(s) < 4 or (r.rand() > .15 and len(s) < 14):
        s.append(int(r.choice(follow[s[-1]], p=[.6, .3, .1])) if r.rand() < .85 else r.randint(N_ITEMS))
    return [i + 1 for i in s]                    # 0 is kept for padding

sessions = [session() for _ in range(2400)]
train, test = sessions[:2000], sessions[2000:]

def make(batch):
    m = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
    for k, s in enumerate(batch): m[k, :len(s)] = s
    m = torch.from_numpy(m)
    return m[:, :-1], m[:, 1:]

class GRU4Rec(nn.Module):
    def __init__(self, h=40):
        super().__init__()
        self.item = nn.Embedding(N_ITEMS + 1, h, padding_idx=PAD)
        self.gru = nn.GRU(h, h, batch_first=True)
        self.do = nn.Dropout(.2)
        self.out = nn.Linear(h, N_ITEMS + 1)
    def forward(self, x): return self.out(self.do(self.gru(self.item(x))[0]))

def metrics(rows):
    net.eval()
    hr = mrr = n = 0
    with torch.no_grad():
        x, y = make(rows)
        s = net(x); s[..., PAD] = -1e9
        s, y = s[y != PAD], y[y != PAD]
        rank = (s > s.gather(1, y[:, None])).sum(1) + 1
    return (rank <= 5).float().mean().item(), (1. / rank).mean().item()

net = GRU4Rec()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
ce = nn.CrossEntropyLoss(ignore_index=PAD)
popular = np.bincount([i for s in train for i in s[1:]], minlength=N_ITEMS + 1).argsort()[::-1][:5]
print('five most popular items: HR@5 %.3f' % np.mean([i in popular for s in test for i in s[1:]]))
for ep in range(5):
    for g in opt.param_groups: g['lr'] = 1e-2 * (1 - ep / 5)
    net.train(); tot = 0.
    order = r.permutation(len(train))
    for k in range(0, len(order), 50):
        x, y = make([train[j] for j in order[k:k + 50]])
        loss = ce(net(x).reshape(-1, N_ITEMS + 1), y.reshape(-1))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print('epoch %d loss %.3f | test HR@5 %.3f MRR %.3f' % ((ep, tot / (len(order) / 50)) + metrics(test)))
print('train HR@5 %.3f MRR %.3f' % metrics(train))
