"""Toy English -> French noun phrases with hand-made gated cells (exercise 4)."""
import itertools
import numpy as np
import torch
from torch.nn import Module, Parameter, Embedding, Linear
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
rs = np.random.RandomState(0)

NUM = dict(two="deux", three="trois", four="quatre", five="cinq", six="six", seven="sept", eight="huit", nine="neuf")
ADJ = dict(red="rouges", black="noirs", young="jeunes", sad="tristes", fast="rapides", calm="calmes", rich="riches",
           weak="faibles", strange="bizarres", yellow="jaunes")
NOUN = dict(cats="chats", dogs="chiens", horses="chevaux", birds="oiseaux", fish="poissons", wolves="loups", bears="ours",
            rabbits="lapins", lions="lions", goats="boucs")

pairs = [([n, a, x], [NUM[n], NOUN[x], ADJ[a], "</s>"]) for n, a, x in itertools.product(NUM, ADJ, NOUN)]
rs.shuffle(pairs)
src_words = sorted({w for s, _ in pairs for w in s})
tgt_words = ["<s>"] + sorted({w for _, t in pairs for w in t})
S = {w: i for i, w in enumerate(src_words)}
T = {w: i for i, w in enumerate(tgt_words)}
src = torch.tensor([[S[w] for w in s] for s, _ in pairs])
tgt = torch.tensor([[T[w] for w in t] for _, t in pairs])
n_dev = 120
src_tr, tgt_tr, src_dv, tgt_dv = src[n_dev:], tgt[n_dev:], src[:n_dev], tgt[:n_dev]


class Gated(Module):
    """minimal gated unit: one gate for forgetting and for the candidate"""

    def __init__(self, d_in, d):
        super().__init__()
        k = d ** -.5
        self.Wf = Parameter(torch.empty(d_in + d, d).uniform_(-k, k)); self.bf = Parameter(torch.zeros(d))
        self.Wh = Parameter(torch.empty(d_in + d, d).uniform_(-k, k)); self.bh = Parameter(torch.zeros(d))

    def forward(self, x, h):
        f = torch.sigmoid(torch.cat([x, h], 1) @ self.Wf + self.bf)
        c = torch.tanh(torch.cat([x, f * h], 1) @ self.Wh + self.bh)
        return (1 - f) * h + f * c


class Translator(Module):
    def __init__(self, d=64, e=32):
        super().__init__()
        self.d = d
        self.es, self.et = Embedding(len(S), e), Embedding(len(T), e)
        self.enc, self.dec = Gated(e, d), Gated(e, d)
        self.bridge = Linear(d, d)
        self.out = Linear(d, len(T))

    def encode(self, s):
        h = torch.zeros(s.shape[0], self.d)
        for t in range(s.shape[1]):
            h = self.enc(self.es(s[:, t]), h)
        return torch.tanh(self.bridge(h))

    def forward(self, s, t=None, steps=4):
        memory = self.encode(s)
        # fault:
        h = torch.zeros_like(memory)
        # mended:
        # h = memory
        # end
        prev = torch.full((len(s),), T["<s>"])
        logits = []
        for k in range(steps):
            h = self.dec(self.et(prev), h)
            logits.append(self.out(h))
            prev = t[:, k] if t is not None else logits[-1].argmax(1)
        return torch.stack(logits, 1)


net = Translator()
opt = torch.optim.RMSprop(net.parameters(), lr=4e-3)
step = 0
for epoch in range(1, 13):
    for g in opt.param_groups:
        g["lr"] = 4e-3 if epoch <= 7 else 1e-3
    perm = torch.from_numpy(rs.permutation(len(src_tr)))
    total = 0.
    for b in perm.split(32):
        logits = net(src_tr[b], tgt_tr[b])
        loss = cross_entropy(logits.flatten(0, 1), tgt_tr[b].flatten())
        net.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        total += loss.item() * len(b); step += 1
    if epoch % 3 == 0:
        with torch.no_grad():
            hyp = net(src_dv).argmax(-1)
        exact = (hyp == tgt_dv).all(1).float().mean().item()
        word = (hyp == tgt_dv).float().mean().item()
        print(f"epoch {epoch:2d} step {step} loss {total / len(src_tr):.3f} dev word acc {word:.3f} exact {exact:.3f}")

for s, h in zip(src_dv[:4], hyp[:4]):
    print(" ".join(src_words[i] for i in s), "=>", " ".join(tgt_words[i] for i in h))
