"""Word model over one endless stream; hidden state is carried across windows, output weights are the embeddings."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class Opt:
    lanes: int = 20
    window: int = 12
    dim: int = 32
    lr: float = 1e-2
    passes: int = 5


def grammar(rng, n):
    subj = {"sg": ["cat", "dog", "child", "robot"], "pl": ["cats", "dogs", "children", "robots"]}
    verb = {"sg": ["sees", "likes", "hears"], "pl": ["see", "like", "hear"]}
    while n > 0:
        k = rng.choice(["sg", "pl"])
        s = ["the", rng.choice(subj[k])] + (["near", "it"] if rng.random() < .3 else [])
        s += [rng.choice(verb[k]), "the", rng.choice(subj["sg"] + subj["pl"]), "."]
        yield from s
        n -= len(s)


o = Opt()
torch.manual_seed(9)
rng = random.Random(9)
text = list(grammar(rng, 16000))
V = sorted(set(text))
code = torch.tensor([V.index(w) for w in text])
train, test = code[:13000], code[13000:]

E = (torch.randn(len(V), o.dim) * 0.2).requires_grad_()
Wx = (torch.randn(o.dim, 3 * o.dim) / o.dim ** .5).requires_grad_()
Wh = (torch.randn(o.dim, 3 * o.dim) / o.dim ** .5).requires_grad_()
bz = torch.zeros(3 * o.dim, requires_grad=True)
bo = torch.zeros(len(V), requires_grad=True)
params = [E, Wx, Wh, bz, bo]


def unroll(x, h):
    hs = []
    gx = E[x] @ Wx + bz
    for t in range(x.shape[1]):
        gh = h @ Wh
        (xr, xz, xn), (hr, hz, hn) = gx[:, t].chunk(3, 1), gh.chunk(3, 1)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        h = z * h + (1 - z) * torch.tanh(xn + r * hn)
        hs.append(h)
    return torch.stack(hs, 1) @ E.t() + bo, h


def windows(stream):
    lanes = stream[: len(stream) // o.lanes * o.lanes].view(o.lanes, -1)
    for a in range(0, lanes.shape[1] - 1, o.window):
        b = min(a + o.window, lanes.shape[1] - 1)
        yield lanes[:, a:b], lanes[:, a + 1:b + 1]


@torch.no_grad()
def perplexity(stream):
    h, nll, n = torch.zeros(o.lanes, o.dim), 0., 0
    for x, y in windows(stream):
        z, h = unroll(x, h)
        nll += F.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="sum").item()
        n += y.numel()
    return math.exp(nll / n)


freq = torch.bincount(train, minlength=len(V)).float() / len(train)
print("unigram perplexity on test: %.3f" % math.exp(-freq[test].log().mean()))
opt = torch.optim.Adam(params, lr=o.lr)
for p in range(o.passes):
    opt.param_groups[0]["lr"] = o.lr * (1 - p / o.passes)
    h = torch.zeros(o.lanes, o.dim)
    for x, y in windows(train):
        z, h = unroll(x, h.detach())
        loss = F.cross_entropy(z.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 0.5)
        opt.step()
    print(f"pass {p}: perplexity train {perplexity(train):.3f} test {perplexity(test):.3f}")
