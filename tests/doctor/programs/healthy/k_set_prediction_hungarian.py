# Which (item, quantity) entries does a shopping message hold? Predicted as a SET with Hungarian matching (DETR style):
# four query slots, each gives an item class or "nothing" plus a quantity class. Order of the slots has no meaning.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment

rng = np.random.default_rng(4)
torch.manual_seed(4)
ITEMS = ['milk', 'bread', 'eggs', 'apples', 'rice', 'butter', 'salt', 'tea']
NUMS = ['one', 'two', 'three', 'four']
FILL = ['please', 'buy', 'and', 'also', 'for', 'us', 'today', 'get', 'some', 'fresh']
NOTHING, Q, T = len(ITEMS), 3, 12
VOC = {w: i for i, w in enumerate(['<pad>'] + ITEMS + NUMS + FILL)}

def sample():
    n = rng.integers(1, Q + 1)
    items, nums = rng.choice(len(ITEMS), n, replace=False), rng.integers(0, len(NUMS), n)
    toks = []
    for i, k in zip(items, nums):
        toks += list(rng.choice(FILL, rng.integers(0, 2)))
        toks += [NUMS[k], ITEMS[i]]
    toks = toks[:T]
    x = np.zeros(T, dtype=np.int64)
    x[:len(toks)] = [VOC[t] for t in toks]
    return x, list(zip(items.tolist(), nums.tolist()))

data, seen = [], set()
while len(data) < 2300:
    x, s = sample()
    if x.tobytes() not in seen:
        seen.add(x.tobytes()); data.append((x, s))
train, valid = data[400:], data[:400]

class SetNet(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok = nn.Embedding(len(VOC), d, padding_idx=0)
        self.conv = nn.Conv1d(d, d, 3, padding=1)
        self.pos = nn.Parameter(torch.randn(T, d) * .3)
        self.query = nn.Parameter(torch.randn(Q, d) * .3)
        self.mixer = nn.MultiheadAttention(d, 4, batch_first=True)
        self.slots = nn.Linear(Q * d, Q * d)                           # slots know of each other: no doubles
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.item, self.num = nn.Linear(d, NOTHING + 1), nn.Linear(d, len(NUMS))

    def forward(self, x):
        pad = x == 0
        e = (self.tok(x) + self.pos) * (~pad).unsqueeze(-1)
        e = e + F.relu(self.conv(e.transpose(1, 2)).transpose(1, 2))
        q = self.query.expand(len(x), -1, -1)
        q = self.n1(q + self.mixer(q, e, e, key_padding_mask=pad, need_weights=False)[0])
        q = self.n2(q + F.relu(self.slots(q.flatten(1))).view_as(q))
        q = q + self.mixer(q, e, e, key_padding_mask=pad, need_weights=False)[0]
        return self.item(q), self.num(q)

def match(item, num, sets):
    """class targets per slot after the cheapest assignment"""
    ip, np_ = item.detach().log_softmax(-1).numpy(), num.detach().log_softmax(-1).numpy()
    ti = torch.full(item.shape[:2], NOTHING); tn = torch.full(item.shape[:2], -100)
    for b, s in enumerate(sets):
        i, k = np.array(s).T
        rows, cols = linear_sum_assignment(-(ip[b][:, i] + np_[b][:, k]))
        ti[b, rows] = torch.tensor(i[cols]); tn[b, rows] = torch.tensor(k[cols])
    return ti, tn

def stack(rows): return torch.from_numpy(np.stack([x for x, _ in rows])), [s for _, s in rows]

def evaluate(net, rows):
    net.eval()
    x, sets = stack(rows)
    with torch.no_grad():
        i, k = (o.argmax(-1).tolist() for o in net(x))
    got = [{(a, b) for a, b in zip(u, v) if a != NOTHING} for u, v in zip(i, k)]
    tp = sum(len(g & set(s)) for g, s in zip(got, sets))
    f1 = 2 * tp / (sum(map(len, got)) + sum(map(len, sets)))
    return f1, np.mean([g == set(s) for g, s in zip(got, sets)])

net = SetNet()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3)
EPOCHS, BS = 5, 50
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=EPOCHS * len(train) // BS)
for ep in range(EPOCHS):
    net.train(); order = rng.permutation(len(train)); run = 0
    for s in range(0, len(order), BS):
        x, sets = stack([train[j] for j in order[s:s + BS]])
        item, num = net(x)
        ti, tn = match(item, num, sets)
        loss = F.cross_entropy(item.flatten(0, 1), ti.flatten()) + F.cross_entropy(num.flatten(0, 1), tn.flatten(), ignore_index=-100)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        run += loss.item()
    print('epoch %d loss %.4f valid F1 %.3f exact %.3f' % (ep, run / (len(train) // BS), *evaluate(net, valid)))
print('train F1 %.3f exact %.3f' % evaluate(net, train[:400]))
print('valid F1 %.3f exact %.3f' % evaluate(net, valid))
