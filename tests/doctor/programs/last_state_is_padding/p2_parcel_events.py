# Scan events of parcels -> where is the parcel now?  Plain Elman net, weights kept in a list.
import random
from collections import namedtuple

import torch
from torch.nn.functional import cross_entropy

random.seed(17)
torch.manual_seed(17)

STATES = ["with courier", "at depot", "at customs", "delivered", "on its way back"]
MOVES = {s: [f"{s}/{k}" for k in "abcd"] for s in STATES}                 # events that change the place
NOISE = [f"note/{i}" for i in range(25)]                                   # sms sent, label reprinted, weight checked ...
EVENTS = ["<pad>"] + [e for v in MOVES.values() for e in v] + NOISE
CODE = {e: i for i, e in enumerate(EVENTS)}
Row = namedtuple("Row", "codes place")


def parcel():
    n = min(40, 3 + int(random.expovariate(1 / 7)))
    place, log = None, []
    for i in range(n):
        if place is None or random.random() < 0.4:
            place = random.choice(STATES)
            log.append(CODE[random.choice(MOVES[place])])
        else:
            log.append(CODE[random.choice(NOISE)])
    return Row(tuple(log), STATES.index(place))


rows = list({parcel() for _ in range(2600)})
rows.sort()
random.shuffle(rows)
WIDTH = max(len(r.codes) for r in rows)
ids = torch.zeros(len(rows), WIDTH, dtype=torch.long)
for i, r in enumerate(rows):
    ids[i, :len(r.codes)] = torch.tensor(r.codes)
size = torch.tensor([len(r.codes) for r in rows])
place = torch.tensor([r.place for r in rows])
n_test = 500
print(f"{len(rows)} parcels, {len(EVENTS)} event codes, {WIDTH} events at most, {size.float().mean():.1f} on average")

EMB, HID = 16, 32
E = torch.randn(len(EVENTS), EMB) * 0.5
E[0] = 0.0
Wx = torch.randn(EMB, HID) / EMB ** 0.5
Wh = torch.linalg.qr(torch.randn(HID, HID))[0] * 0.8
bh = torch.zeros(HID)
Wo = torch.randn(HID, len(STATES)) / HID ** 0.5
bo = torch.zeros(len(STATES))
weights = [E, Wx, Wh, bh, Wo, bo]
for w in weights:
    w.requires_grad = True


def run(ids, size):
    x = E[ids] @ Wx + bh
    h = torch.zeros(len(ids), HID)
    trace = []
    for t in range(ids.shape[1]):
        h = torch.tanh(x[:, t] + h @ Wh)
        trace.append(h)
    # fault:
    last = trace[-1]
    # mended:
    #last = torch.stack(trace, 1)[torch.arange(len(ids)), size - 1]
    # end
    return last @ Wo + bo


def evaluate(sl):
    with torch.no_grad():
        out = run(ids[sl], size[sl])
    ok = (out.argmax(1) == place[sl]).float()
    return ok.mean().item(), cross_entropy(out, place[sl]).item()


test, train = slice(0, n_test), slice(n_test, None)
train_rows = torch.arange(n_test, len(rows))
opt = torch.optim.RMSprop(weights, lr=2e-3, alpha=0.98)
for epoch in range(1, 11):
    order = train_rows[torch.randperm(len(train_rows))]
    if epoch == 7:
        opt.param_groups[0]["lr"] = 5e-4
    for b in order.split(40):
        loss = cross_entropy(run(ids[b], size[b]), place[b])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 2.0)
        opt.step()
    if epoch % 2 == 0:
        a, l = evaluate(test)
        print(f"epoch {epoch:2d}: last batch loss {loss.item():.3f}, test accuracy {a:.3f}, test loss {l:.3f}")

share = place[train].bincount().max().item() / len(train_rows)
print(f"most frequent place {share:.3f} | train accuracy {evaluate(train)[0]:.3f} | test accuracy {evaluate(test)[0]:.3f}")
