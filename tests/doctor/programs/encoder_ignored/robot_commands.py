"""Commands such as 'walk left twice and jump' to actions, after the SCAN data set."""
import itertools
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(5)
torch.manual_seed(5)

VERBS = {"walk": "WALK", "run": "RUN", "jump": "JUMP", "look": "LOOK"}
DIRS = {"": [], "left": ["LEFT"], "right": ["RIGHT"]}
TIMES = {"": 1, "twice": 2, "thrice": 3}


def phrase():
    for v, d, t in itertools.product(VERBS, DIRS, TIMES):
        yield " ".join(filter(None, [v, d, t])).split(), (DIRS[d] + [VERBS[v]]) * TIMES[t]


def everything():
    single = list(phrase())
    for (a, x), (b, y) in itertools.product(single, single):
        yield a + ["and"] + b, x + y


pairs = list(everything())
random.shuffle(pairs)
pairs = pairs[:1250]


class Vocab(dict):
    def __init__(self, words):
        super().__init__({"<pad>": 0, "<s>": 1, "</s>": 2})
        for w in sorted(set(words)):
            self[w] = len(self)
        self.names = list(self)


SV = Vocab(w for s, _ in pairs for w in s)
TV = Vocab(w for _, t in pairs for w in t)


@dataclass
class Batch:
    src: torch.Tensor
    n: torch.Tensor
    tgt: torch.Tensor


def make(ps):
    s = [torch.tensor([1] + [SV[w] for w in a] + [2]) for a, _ in ps]
    t = [torch.tensor([1] + [TV[w] for w in b] + [2]) for _, b in ps]
    return Batch(pad_sequence(s, True), torch.tensor([len(q) for q in s]), pad_sequence(t, True))


class Seq2Seq(nn.Module):
    def __init__(self, d=32, h=96):
        super().__init__()
        self.src_emb, self.tgt_emb = nn.Embedding(len(SV), d, 0), nn.Embedding(len(TV), d, 0)
        self.encoder = nn.GRU(d, h, batch_first=True)
        self.bridge = nn.Linear(h, h)
        self.decoder = nn.GRU(d, h, batch_first=True)
        self.head = nn.Linear(h, len(TV))

    def encode(self, b):
        out, _ = self.encoder(self.src_emb(b.src))
        # fault:
        sentence = out[:, 0]
        # mended:
        # sentence = out[torch.arange(len(out)), b.n - 1]
        # end
        return torch.tanh(self.bridge(sentence)).unsqueeze(0)

    def forward(self, b):
        return self.head(self.decoder(self.tgt_emb(b.tgt[:, :-1]), self.encode(b))[0])

    @torch.no_grad()
    def translate(self, b, limit=16):
        h, y, out = self.encode(b), b.tgt[:, :1], []
        for _ in range(limit):
            o, h = self.decoder(self.tgt_emb(y), h)
            y = self.head(o).argmax(-1)
            out.append(y)
        return [[TV.names[i] for i in itertools.takewhile(lambda i: i != 2, r)] for r in torch.cat(out, 1).tolist()]


dev, train = pairs[:200], pairs[200:]
model = Seq2Seq()
criterion = nn.CrossEntropyLoss(ignore_index=0)
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(14):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 40):
        b = make(train[i : i + 40])
        loss = criterion(model(b).transpose(1, 2), b.tgt[:, 1:])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        opt.step()
        losses.append(loss.item())
    got = model.translate(make(dev))
    print(f"{epoch:2d} loss {sum(losses) / len(losses):.4f} dev sequences right {sum(g == t for g, (_, t) in zip(got, dev)) / len(dev):.3f}")
