"""Tag the words of scrawled address lines.  Linear-chain CRF in float64, fitted on the whole set at once with L-BFGS."""
import random
from typing import NamedTuple

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(2)
random.seed(2)

TAGS = ["NAME", "STREET", "NUMBER", "TOWN", "NOTE"]
T = {t: i for i, t in enumerate(TAGS)}
# many words can be a surname, a street or a town: only the neighbours tell
SHARED = "lincoln chester hampton marlow stafford buxton clifton harlow weston ashby selby corby".split()
FIRST = "ann joan peter ravi omar lucy greta tom nils ida".split()
KIND = "street road lane way square close".split()
NOTES = "leave at back door ring twice beware of dog second floor gate open parcel shop".split()
DIGITS = [str(i) for i in range(1, 41)]
SUFFIX = ["upon", "north", "south", "green", "hill"]


def line():
    out = []
    if random.random() < .8:
        out += [(random.choice(FIRST), "NAME"), (random.choice(SHARED), "NAME")]
    street = [(random.choice(SHARED), "STREET")] + ([(random.choice(KIND), "STREET")] if random.random() < .85 else [])
    num = [(random.choice(DIGITS), "NUMBER")]
    out += num + street if random.random() < .6 else street + num
    if random.random() < .85:
        out.append((random.choice(SHARED), "TOWN"))
        if random.random() < .3:
            out.append((random.choice(SUFFIX), "TOWN"))
    if random.random() < .4:
        out += [(random.choice(NOTES), "NOTE") for _ in range(random.randint(2, 4))]
    return tuple(out)


lines = sorted({line() for _ in range(1500)})
random.shuffle(lines)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for l in lines for w, _ in l}))}


class Pack(NamedTuple):
    ids: torch.Tensor
    tags: torch.Tensor
    on: torch.Tensor


def pack(ls):
    n = max(map(len, ls))
    ids = torch.zeros(len(ls), n, dtype=torch.long)
    tags = torch.zeros(len(ls), n, dtype=torch.long)
    on = torch.zeros(len(ls), n, dtype=torch.bool)
    for i, l in enumerate(ls):
        ids[i, :len(l)] = torch.tensor([vocab[w] for w, _ in l])
        tags[i, :len(l)] = torch.tensor([T[t] for _, t in l])
        on[i, :len(l)] = True
    return Pack(ids, tags, on)


train, test = pack(lines[300:1200]), pack(lines[:300])
D, C = 10, len(TAGS)
theta = {
    "words": torch.randn(len(vocab) + 1, D) * 0.3,
    "here": torch.randn(D, C) * 0.3,
    "left": torch.randn(D, C) * 0.3,
    "right": torch.randn(D, C) * 0.3,
    "start": torch.zeros(C),
    "move": torch.zeros(C, C),
}
for p in theta.values():
    p.requires_grad_(True)


def emissions(b):
    e = theta["words"][b.ids] * b.on[..., None]
    blank = torch.zeros_like(e[:, :1])
    before, after = torch.cat([blank, e[:, :-1]], 1), torch.cat([e[:, 1:], blank], 1)
    return e @ theta["here"] + before @ theta["left"] + after @ theta["right"]


def neg_loglik(b):
    s = emissions(b)
    rows = torch.arange(len(b.ids))
    alpha = theta["start"] + s[:, 0]
    gold = alpha[rows, b.tags[:, 0]]
    for t in range(1, s.shape[1]):
        on = b.on[:, t]
        step = torch.logsumexp(alpha[:, :, None] + theta["move"], 1) + s[:, t]
        alpha = torch.where(on[:, None], step, alpha)
        gain = theta["move"][b.tags[:, t - 1], b.tags[:, t]] + s[rows, t, b.tags[:, t]]
        gold = gold + torch.where(on, gain, torch.zeros_like(gain))
    return (alpha.logsumexp(1) - gold).mean()


@torch.no_grad()
def viterbi(b):
    s = emissions(b)
    best, back = theta["start"] + s[:, 0], []
    for t in range(1, s.shape[1]):
        val, arg = (best[:, :, None] + theta["move"]).max(1)
        keep = b.on[:, t, None]
        back.append(torch.where(keep, arg, torch.arange(C).expand_as(arg)))
        best = torch.where(keep, val + s[:, t], best)
    cur = best.argmax(1)
    path = [cur]
    for arg in reversed(back):
        cur = arg.gather(1, cur[:, None])[:, 0]
        path.append(cur)
    return torch.stack(path[::-1], 1)


def word_and_line(b):
    ok = (viterbi(b) == b.tags) | ~b.on
    return (ok & b.on).sum().item() / b.on.sum().item(), ok.all(1).double().mean().item()


opt = torch.optim.LBFGS(list(theta.values()), lr=1.0, max_iter=10, history_size=10, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = neg_loglik(train) + 2e-4 * sum(p.square().sum() for p in theta.values())
    loss.backward()
    return loss


for sweep in range(7):
    loss = opt.step(closure)
    with torch.no_grad():
        print(f"sweep {sweep}  penalised {loss.item():.4f}  train {neg_loglik(train).item():.4f}  test {neg_loglik(test).item():.4f}")

common = test.tags[test.on].bincount().max().item() / test.on.sum().item()
print("words right: train %.4f test %.4f (commonest tag %.3f)" % (word_and_line(train)[0], word_and_line(test)[0], common))
print("whole lines right: test %.4f" % word_and_line(test)[1])
