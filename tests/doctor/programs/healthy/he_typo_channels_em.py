"""Where did this mistyped word come from: keyboard, scanner or ear?

Unsupervised: three channel models (letter confusion tables), each trained on the words that the E-step gives it.
E-step without gradients, M-step a few gradient steps; several rounds, the best start of four.
"""
import itertools
import random
import torch
import torch.nn.functional as F

rng = random.Random(300)
torch.manual_seed(300)
ABC = "abcdefghijklmnopqrstuvwxyz"
ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
KEYS = {c: [r[j] for j in (i - 1, i + 1) if 0 <= j < len(r)] for r in ROWS for i, c in enumerate(r)}
SCAN = {a: list(b) for a, b in zip("clieoahnutfjmrbvgqsz", ["eo", "it", "lj", "co", "ca", "oe", "bn", "hu", "vn", "fl", "ti", "i", "n", "n", "h", "u", "q", "g", "z", "s"])}
EAR = {a: list(b) for a, b in zip("bpdtgkvfszcmnieaouyj", ["p", "b", "t", "d", "k", "g", "f", "v", "z", "s", "ks", "n", "m", "e", "i", "e", "u", "o", "i", "y"])}
CHANNELS = [KEYS, SCAN, EAR]


def pair():
    k = rng.randrange(3)
    word = [rng.choice(ABC) for _ in range(rng.randint(10, 16))]
    seen = [rng.choice(CHANNELS[k][c]) if c in CHANNELS[k] and rng.random() < 0.4 else c for c in word]
    return word, seen, k


def pack(rows):
    n = 16
    x = torch.full((len(rows), n), -1)
    y = torch.full((len(rows), n), -1)
    for i, (w, s, _) in enumerate(rows):
        x[i, :len(w)] = torch.tensor([ABC.index(c) for c in w])
        y[i, :len(s)] = torch.tensor([ABC.index(c) for c in s])
    return x, y, torch.tensor([k for _, _, k in rows])


x, y, k = pack([pair() for _ in range(2500)])
xd, yd, kd = pack([pair() for _ in range(600)])


def loglik(theta, x, y):
    table = F.log_softmax(theta, -1)                               # 3, from, to
    live = (x >= 0).float()
    return (table[:, x.clamp(min=0), y.clamp(min=0)] * live).sum(-1).T     # rows, 3


def responsibilities(theta, prior, x, y):
    with torch.no_grad():
        joint = loglik(theta, x, y) + prior.log()
        return joint.softmax(1), torch.logsumexp(joint, 1).mean().item()


def purity(theta, prior, x, y, k):
    guess = responsibilities(theta, prior, x, y)[0].argmax(1)
    return max((torch.tensor(p)[guess] == k).float().mean().item() for p in itertools.permutations(range(3)))


best = None
for start in range(4):
    theta = (torch.eye(26) * 3).repeat(3, 1, 1) + torch.randn(3, 26, 26) * 0.5
    theta.requires_grad_(True)
    prior = torch.full((3,), 1 / 3)
    opt = torch.optim.Adam([theta], lr=0.08)
    for rnd in range(12):
        r, score = responsibilities(theta, prior, x, y)
        for _ in range(6):
            opt.zero_grad()
            m_loss = -(r * loglik(theta, x, y)).sum(1).mean() + 1e-4 * theta.pow(2).sum()
            m_loss.backward()
            opt.step()
        prior = r.mean(0)
    _, score = responsibilities(theta, prior, x, y)
    _, held = responsibilities(theta, prior, xd, yd)
    print(f"start {start}: log likelihood {score:.3f} (held out {held:.3f})  channels {[round(p, 2) for p in prior.tolist()]}")
    if best is None or score > best[0]:
        best = (score, theta.detach().clone(), prior)
print(f"agreement with the true channel, held out: {purity(best[1], best[2], xd, yd, kd):.3f} (largest channel {torch.bincount(kd).max().item() / len(kd):.3f})")
