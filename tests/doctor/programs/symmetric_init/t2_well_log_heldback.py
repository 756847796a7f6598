# Rock type from the log of a drilling crew (short coded remarks, in order).
# Numpy habits: every layer is a pair (matrix, offset), network = list of pairs.
import random

import torch

torch.manual_seed(6)
rnd = random.Random(6)

ROCKS = ["shale", "sandstone", "limestone", "dolomite", "salt", "granite"]
CODES = 40
LENGTH = 10
EMB, HID = 10, 24

typical = {r: rnd.sample(range(CODES), 9) for r in range(len(ROCKS))}


def remark_sheet():
    r = rnd.randrange(len(ROCKS))
    codes = tuple(rnd.choice(typical[r]) if rnd.random() < 0.6 else rnd.randrange(CODES) for _ in range(LENGTH))
    return codes, r


sheets = {}
while len(sheets) < 4000:
    c, r = remark_sheet()
    sheets[c] = r
codes = torch.tensor(list(sheets))
rocks = torch.tensor(list(sheets.values()))
n_fit = 3200


def layer(n_in, n_out):
    # fault:
    m = torch.full((n_in, n_out), 1.0 / n_in)
    # mended:
    #m = torch.randn(n_in, n_out) / n_in ** 0.5
    # end
    m.requires_grad_()
    return m, torch.zeros(n_out, requires_grad=True)


table = torch.randn(CODES, EMB).requires_grad_()
network = [layer(EMB, HID), layer(HID, HID), layer(HID, len(ROCKS))]


def predict(ids):
    a = table[ids].mean(dim=1)
    for k, (m, c) in enumerate(network):
        a = a @ m + c
        if k < len(network) - 1:
            a = torch.tanh(a)
    return a


def right(lo, hi):
    with torch.no_grad():
        return (predict(codes[lo:hi]).argmax(1) == rocks[lo:hi]).float().mean().item()


weights = [table] + [t for pair in network for t in pair]
optimizer = torch.optim.Adam(weights, lr=0.004)
for sweep in range(14):
    shuffled = torch.randperm(n_fit)
    running = 0.0
    for s in range(0, n_fit, 40):
        take = shuffled[s:s + 40]
        loss = torch.nn.functional.cross_entropy(predict(codes[take]), rocks[take])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * len(take)
    if sweep % 2:
        print("sweep %2d  loss %.4f  blind wells %.3f" % (sweep + 1, running / n_fit, right(n_fit, len(codes))))
print("fitted wells %.3f  blind wells %.3f  (guessing %.3f)" % (right(0, n_fit), right(n_fit, len(codes)), 1 / 6))
