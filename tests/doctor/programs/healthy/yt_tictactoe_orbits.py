# All legal tic-tac-toe positions, labelled by perfect play (X wins / draw / O wins).
# Split by symmetry class: a position and its mirrored and rotated twins are all on one side.
from functools import lru_cache
import numpy as np, torch, torch.nn as nn

LINES = [(0,1,2),(3,4,5),(6,7,8),(0,3,6),(1,4,7),(2,5,8),(0,4,8),(2,4,6)]
def winner(b):
    for i, j, k in LINES:
        if b[i] != 0 and b[i] == b[j] == b[k]:
            return b[i]
    return 0

@lru_cache(None)
def value(b, turn):
    w = winner(b)
    if w or 0 not in b: return w
    vals = [value(b[:i] + (turn,) + b[i+1:], -turn) for i in range(9) if b[i] == 0]
    return max(vals) if turn == 1 else min(vals)

board0 = (0,) * 9
states, todo = {}, [(board0, 1)]
while todo:
    b, t = todo.pop()
    if b in states: continue
    states[b] = value(b, t)
    if winner(b) or 0 not in b: continue
    todo += [(b[:i] + (t,) + b[i+1:], -t) for i in range(9) if b[i] == 0]

def canon(b):
    m = np.array(b).reshape(3, 3)
    forms = []
    for k in range(4):
        r = np.rot90(m, k)
        forms += [tuple(r.ravel()), tuple(r[:, ::-1].ravel())]
    return min(forms)

boards = sorted(states)
orbit = [canon(b) for b in boards]
classes = sorted(set(orbit))
rng = np.random.default_rng(3)
held = set(map(tuple, rng.permutation(np.array(classes))[: len(classes) // 8].tolist()))
is_test = torch.tensor([tuple(int(v) for v in o) in held for o in orbit])
cells = torch.tensor(boards)
x = torch.cat([(cells == 1), (cells == -1)], 1).float()          # 18 planes: X here, O here
y = torch.tensor([states[b] + 1 for b in boards])
print(len(boards), 'positions in', len(classes), 'classes; test', int(is_test.sum()), 'counts', torch.bincount(y).tolist())

torch.manual_seed(3)
net = nn.Sequential(nn.Linear(18, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 3))
xt, yt = x[~is_test], y[~is_test]
E, B = 16, 64
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=.05)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, epochs=E, steps_per_epoch=-(-len(xt) // B))
ce = nn.CrossEntropyLoss()
for e in range(E):
    tot = 0
    for i in torch.randperm(len(xt)).split(B):
        l = ce(net(xt[i]), yt[i])
        opt.zero_grad(); l.backward(); opt.step(); sch.step()
        tot += l.item() * len(i)
    if e % 3 == 0 or e == E - 1:
        with torch.no_grad():
            p = net(x).argmax(1) == y
        print(f'{e:2d} loss {tot/len(xt):.4f} train {p[~is_test].float().mean():.4f} test {p[is_test].float().mean():.4f}')
