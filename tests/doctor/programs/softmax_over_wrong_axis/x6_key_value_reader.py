"""Reads small 'inventories' and answers what colour a thing has.

    lamp red | coat green | boat blue | ...   ? coat   ->  green

Written with bare tensors for the reading group: everything fits on one slide deck.
"""
import random

import torch

THINGS = ("lamp coat boat desk fork door ring shoe book bell kite drum vase sock rope tent "
          "cart bowl lock pipe").split()
COLOURS = "red green blue white black brown pink grey gold violet".split()
N_SLOTS, DIM = 6, 24
rnd = random.Random(21)
torch.manual_seed(21)


def make_rows(n):
    """keys, values: (n, slots); question, answer: (n,)"""
    keys, vals, ask, ans = [], [], [], []
    for _ in range(n):
        k = rnd.sample(range(len(THINGS)), N_SLOTS)
        v = [rnd.randrange(len(COLOURS)) for _ in k]
        pick = rnd.randrange(N_SLOTS)
        keys.append(k), vals.append(v), ask.append(k[pick]), ans.append(v[pick])
    return [torch.tensor(z) for z in (keys, vals, ask, ans)]


class Reader:
    def __init__(self):
        def mat(*shape, scale):
            return (torch.randn(*shape) * scale).requires_grad_(True)
        self.K = mat(len(THINGS), DIM, scale=0.5)
        self.Q = mat(len(THINGS), DIM, scale=0.5)
        self.V = mat(len(COLOURS), DIM, scale=0.5)
        self.O = mat(DIM, len(COLOURS), scale=DIM ** -0.5)

    @property
    def theta(self):
        return [self.K, self.Q, self.V, self.O]

    def __call__(self, keys, vals, ask):
        scores = torch.einsum("bsd,bd->bs", self.K[keys], self.Q[ask]) / DIM ** 0.5
        # fault:
        weights = scores.softmax(dim=0)
        # mended:
        # weights = scores.softmax(dim=1)
        # end
        read = torch.einsum("bs,bsd->bd", weights, self.V[vals])
        return read @ self.O


def nll(logits, y):
    return (logits.logsumexp(1) - logits.gather(1, y[:, None])[:, 0]).mean()


def answer(reader, keys, vals, thing):
    """one inventory at a time, the way the demo page calls it"""
    with torch.no_grad():
        return reader(keys[None], vals[None], thing[None]).argmax().item()


def score(reader, rows):
    keys, vals, ask, ans = rows
    hits = [answer(reader, keys[i], vals[i], ask[i]) == ans[i].item() for i in range(len(ans))]
    return sum(hits) / len(hits)


train, test = make_rows(4000), make_rows(400)
reader = Reader()
opt = torch.optim.Adam(reader.theta, lr=1e-2)
for epoch in range(8):
    perm, total, steps = torch.randperm(4000), 0.0, 0
    for idx in perm.split(64):
        keys, vals, ask, ans = (t[idx] for t in train)
        loss = nll(reader(keys, vals, ask), ans)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    print(f"epoch {epoch} nll {total / steps:.4f}")
print(f"demo accuracy: train {score(reader, [t[:400] for t in train]):.3f}  new {score(reader, test):.3f}")
