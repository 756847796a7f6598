# linear-chain CRF over an affix-aware emission score; the partition function is written out by hand
import random, torch
from torch.nn.functional import embedding

random.seed(17); torch.manual_seed(17)
TAGS = ["O", "B", "I"]
ILLEGAL = [(0, 2)]                       # I may not follow O
FIRST, LAST = "ana boris clara dmitri ema felix greta hugo".split(), "novak ivanov silva berg rossi kim moreau lund".split()
ORG = "north river steel bank trust blue union press".split()
PLAIN = "the a met said that in with on today moved to old new visited by and sold told from near".split()


def sentence():
    w, t = [], []
    for _ in range(random.randint(2, 4)):
        for _ in range(random.randint(1, 3)):
            w.append(random.choice(PLAIN)); t.append(0)
        r = random.random()
        if r < .4:
            w += [random.choice(FIRST), random.choice(LAST)]; t += [1, 2]
        elif r < .6:
            w += random.sample(ORG, 3); t += [1, 2, 2]
        elif r < .75:                     # the same word outside of a name
            w += ["the", random.choice(ORG)]; t += [0, 0]
    return w, t


data = [sentence() for _ in range(2000)]
ix = {w: i + 1 for i, w in enumerate(sorted(set(FIRST + LAST + ORG + PLAIN)))}
train = data[:1700]
known = {" ".join(w) for w, _ in train}
held = [r for r in data[1700:] if " ".join(r[0]) not in known]

V, D, K = len(ix) + 1, 16, len(TAGS)
leaf = lambda *s, scale=.1: (torch.randn(*s) * scale).requires_grad_()
E, U, b = leaf(V, D, scale=.4), leaf(3 * D, K, scale=.2), leaf(K)
trans, start, stop = leaf(K, K), leaf(K), leaf(K)
theta = [E, U, b, trans, start, stop]
hard = torch.zeros(K, K)
for i, j in ILLEGAL:
    hard[i, j] = -1e4
hard0 = torch.tensor([0., 0., -1e4])


def batch(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long); y = torch.zeros_like(x); m = torch.zeros(len(rows), n, dtype=torch.bool)
    for i, (w, t) in enumerate(rows):
        x[i, :len(w)] = torch.tensor([ix[k] for k in w]); y[i, :len(w)] = torch.tensor(t); m[i, :len(w)] = True
    return x, y, m


def emit(x, m):
    e = embedding(x, E) * m[..., None]
    z = torch.zeros_like(e[:, :1])
    return torch.cat([torch.cat([z, e[:, :-1]], 1), e, torch.cat([e[:, 1:], z], 1)], -1) @ U + b


def nll(x, y, m):
    s, A = emit(x, m), trans + hard
    gold = (start + hard0)[y[:, 0]] + s[:, 0].gather(1, y[:, :1])[:, 0]
    alpha = start + hard0 + s[:, 0]
    for t in range(1, x.shape[1]):
        on = m[:, t]
        new = torch.logsumexp(alpha[:, :, None] + A, 1) + s[:, t]
        alpha = torch.where(on[:, None], new, alpha)
        gold = gold + on * (A[y[:, t - 1], y[:, t]] + s[:, t].gather(1, y[:, t:t + 1])[:, 0])
    last = y.gather(1, m.sum(1, keepdim=True) - 1)[:, 0]
    return (torch.logsumexp(alpha + stop, 1) - gold - stop[last]).mean()


@torch.no_grad()
def viterbi(words):
    x, _, m = batch([(words, [0] * len(words))])
    s, A = emit(x, m)[0], trans + hard
    d, back = start + hard0 + s[0], []
    for t in range(1, len(words)):
        d, arg = (d[:, None] + A).max(0)
        d = d + s[t]; back.append(arg)
    k = int((d + stop).argmax()); path = [k]
    for arg in reversed(back):
        k = int(arg[k]); path.append(k)
    return path[::-1]


def spans(t):
    out, i = set(), 0
    while i < len(t):
        j = i + 1
        if t[i] == 1:
            while j < len(t) and t[j] == 2:
                j += 1
            out.add((i, j))
        i = j
    return out


def f1(rows):
    tp = fp = fn = 0
    for w, t in rows:
        a, g = spans(viterbi(w)), spans(t)
        tp += len(a & g); fp += len(a - g); fn += len(g - a)
    return 2 * tp / (2 * tp + fp + fn)


g2 = [torch.zeros_like(p) for p in theta]            # Adagrad accumulators
for epoch in range(5):
    random.shuffle(train); total = 0.
    for i in range(0, len(train), 50):
        loss = nll(*batch(train[i:i + 50]))
        for p, acc, g in zip(theta, g2, torch.autograd.grad(loss, theta)):
            acc += g * g
            p.data -= .15 * g / (acc.sqrt() + 1e-8)
        total += loss.item()
    print(f"epoch {epoch} nll per sentence {total / (len(train) / 50):.4f}")
print(f"span F1: train {f1(train[:200]):.3f}  held out {f1(held):.3f} ({len(held)} sentences)")
