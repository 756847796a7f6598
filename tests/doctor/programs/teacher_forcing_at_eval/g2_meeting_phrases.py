"""Structured meeting record -> sentence. Records were written up by two secretaries."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class HP:
    n_train: int = 1800
    n_test: int = 300
    emb: int = 16
    hid: int = 64
    bs: int = 40
    epochs: int = 8
    lr: float = 2e-2


hp = HP()
random.seed(2)
torch.manual_seed(2)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
CITIES = "paris rome oslo cairo lima delhi quito tokyo".split()
DAYS = [str(d) for d in range(1, 29)]


def record():
    d, m, c = random.choice(DAYS), random.choice(MONTHS), random.choice(CITIES)
    if random.random() < 0.8:
        text = ["on", "the", d, "of", m, "we", "meet", "in", c]
    else:
        text = [c, ":", "meeting", "takes", "place", m, d]
    return [c, m, d], text + ["</s>"]


vocab = ["<pad>", "<s>", "</s>"] + sorted({*MONTHS, *CITIES, *DAYS, *"on the of we meet in : meeting takes place".split()})
ix = {w: i for i, w in enumerate(vocab)}
pairs = [record() for _ in range(hp.n_train + hp.n_test)]


def pack(ps):
    T = max(len(t) for _, t in ps)
    src = torch.tensor([[ix[w] for w in s] for s, _ in ps])
    tgt = torch.tensor([[ix[w] for w in t] + [0] * (T - len(t)) for _, t in ps])
    return src, tgt


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), hp.emb)
        self.read = nn.Linear(3 * hp.emb, hp.hid)
        self.gru = nn.GRU(hp.emb, hp.hid, batch_first=True)
        self.out = nn.Linear(hp.hid, len(vocab))

    def start(self, src):
        return torch.tanh(self.read(self.emb(src).flatten(1))).unsqueeze(0)

    def forward(self, src, tgt):
        first = torch.full_like(tgt[:, :1], ix["<s>"])
        y, _ = self.gru(self.emb(torch.cat([first, tgt[:, :-1]], 1)), self.start(src))
        return self.out(y)

    def write(self, src, steps):
        h = self.start(src)
        w, said = torch.full((len(src), 1), ix["<s>"]), []
        for _ in range(steps):
            y, h = self.gru(self.emb(w), h)
            w = self.out(y).argmax(-1)
            said.append(w)
        return torch.cat(said, 1)


def word_accuracy(net, ps):
    net.eval()
    src, tgt = pack(ps)
    with torch.no_grad():
        # fault:
        said = net(src, tgt).argmax(-1)
        # mended:
        # said = net.write(src, tgt.shape[1])
        # end
    net.train()
    at = tgt != 0
    return (said[at] == tgt[at]).float().mean().item()


net = Writer()
opt = torch.optim.Adam(net.parameters(), lr=hp.lr)
train, test = pairs[: hp.n_train], pairs[hp.n_train:]
for ep in range(hp.epochs):
    random.shuffle(train)
    opt.param_groups[0]["lr"] = hp.lr * (1 - ep / hp.epochs)
    tot = 0.0
    for a in range(0, len(train), hp.bs):
        src, tgt = pack(train[a:a + hp.bs])
        loss = F.cross_entropy(net(src, tgt).transpose(1, 2), tgt, ignore_index=0)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() * hp.bs
    print(f"epoch {ep + 1} loss {tot / len(train):.4f} words right: train {word_accuracy(net, train):.3f} test {word_accuracy(net, test):.3f}")
net.eval()
with torch.no_grad():
    for s, t in test[:2]:
        print(s, "->", " ".join(vocab[i] for i in net.write(pack([(s, t)])[0], 10)[0].tolist()))
