# Recursive network on bracketed arithmetic modulo-free logic: (and (not a) (or b c)) ... The tree is evaluated bottom up, one level
# at a time over the whole batch; nodes are scattered into one flat buffer.
import random
import torch
import torch.nn.functional as F

random.seed(31); torch.manual_seed(31)
OPS = ("and", "or", "not")


def tree(d):
    if d == 0 or random.random() < .15:
        return random.randint(0, 1)
    op = random.choice(OPS)
    return (op, tree(d - 1)) if op == "not" else (op, tree(d - 1), tree(d - 1))


def value(t):
    if isinstance(t, int):
        return t
    v = [value(c) for c in t[1:]]
    return {"and": lambda: v[0] & v[1], "or": lambda: v[0] | v[1], "not": lambda: 1 - v[0]}[t[0]]()


def depth(t):
    return 0 if isinstance(t, int) else 1 + max(map(depth, t[1:]))


def collect(n, lo, hi, forbidden=frozenset()):
    got = {}
    while len(got) < n:
        t = tree(hi)
        if lo <= depth(t) <= hi and t not in forbidden:
            got[t] = value(t)
    return list(got.items())


class Plan:
    """Turns a list of trees into level-wise index arrays."""
    def __init__(self, trees):
        self.leaf, self.levels, self.n = [], {}, 0
        self.roots = torch.tensor([self.visit(t)[0] for t in trees])

    def visit(self, t):
        if isinstance(t, int):
            me = self.new(); self.leaf.append((me, t)); return me, 0
        kids = [self.visit(c) for c in t[1:]]
        lvl = 1 + max(k[1] for k in kids)
        me = self.new()
        a, b = kids[0][0], kids[-1][0]
        self.levels.setdefault(lvl, []).append((me, OPS.index(t[0]), a, b))
        return me, lvl

    def new(self):
        self.n += 1
        return self.n - 1


D = 8
params = {"leaf": torch.randn(2, D) * .5,
          "W1": torch.randn(len(OPS), 2 * D, 2 * D) * (2 * D) ** -.5, "b1": torch.zeros(len(OPS), 2 * D),
          "W2": torch.randn(len(OPS), 2 * D, D) * (2 * D) ** -.5, "b2": torch.zeros(len(OPS), D),
          "cls": torch.randn(D) * D ** -.5, "c0": torch.zeros(())}
for p in params.values():
    p.requires_grad_(True)


def run(plan):
    pos, sym = map(torch.tensor, zip(*plan.leaf))
    state = torch.zeros(plan.n, D).index_copy(0, pos, torch.tanh(params["leaf"][sym]))
    for lvl in sorted(plan.levels):
        me, op, a, b = map(torch.tensor, zip(*plan.levels[lvl]))
        x = torch.cat([state[a], state[b]], 1)
        h = torch.tanh(torch.einsum("ni,nij->nj", x, params["W1"][op]) + params["b1"][op])
        y = torch.tanh(torch.einsum("ni,nij->nj", h, params["W2"][op]) + params["b2"][op])
        state = state.index_copy(0, me, y)
    return state[plan.roots] @ params["cls"] + params["c0"]


train = collect(40, 1, 2) + collect(1500, 3, 3)
test = collect(300, 3, 3, {t for t, _ in train})
deep = collect(200, 4, 4)
prep = lambda rows: (Plan([t for t, _ in rows]), torch.tensor([float(v) for _, v in rows]))
train.sort(key=lambda r: depth(r[0]))                    # curriculum: the short ones come first in the first epoch
tests = {"train": prep(train), "test": prep(test), "deeper": prep(deep)}
opt = torch.optim.Adam(params.values(), lr=1.5e-2)
EPOCHS = 4
batches = [prep(train[i:i + 40]) for i in range(0, len(train), 40)]
for ep in range(EPOCHS):
    if ep:
        if ep < 6:
            random.shuffle(train)
            batches = [prep(train[i:i + 40]) for i in range(0, len(train), 40)]
        opt.param_groups[0]["lr"] = 1.5e-2 * (1 - ep / EPOCHS) ** 1.5
    s = 0.
    for plan, y in batches:
        loss = F.binary_cross_entropy_with_logits(run(plan), y)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() / len(batches)
    with torch.no_grad():
        acc = {k: round(((run(p) > 0).float() == y).float().mean().item(), 3) for k, (p, y) in tests.items()}
    print("epoch", ep, "loss %.4f" % s, acc)
print("share of true in test: %.3f" % tests["test"][1].mean().item())
