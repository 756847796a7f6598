"""Relation direction tagging with a BiLSTM; names outside the table get random rows."""
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(46); np.random.seed(46); torch.manual_seed(46)
verbs = {1: "bought acquired absorbed swallowed purchased".split(), 2: "sold divested spun offloaded ceded".split()}
rest = "the group on a its unit in after deal with for said early share of new this last".split()
firms = [c + v + e for c in "BCDFGLMNPRST" for v in ("al", "er", "in", "or") for e in ("co", "tek", "bank")]

table = {}
for k, ws in verbs.items():
    c = np.random.randn(30) * 0.1
    for w in ws:
        table[w] = c + np.random.randn(30) * 0.06
for w in rest:
    table[w] = np.random.randn(30) * 0.1


def item():
    k = random.choice([1, 2])
    toks = random.choices(rest, k=random.randint(2, 6))
    at = random.randint(0, len(toks))
    toks[at:at] = [random.choice(firms), random.choice(verbs[k]), random.choice(firms)]
    tags = [0] * len(toks)
    tags[at], tags[at + 2] = (1, 2) if k == 1 else (2, 1)
    return toks, tags


train, dev = [item() for _ in range(350)], [item() for _ in range(200)]
word_ids = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train + dev for w in t}))}
E = np.zeros((len(word_ids) + 1, 30), dtype=np.float32)
for w, i in word_ids.items():
    # fault:
    E[i] = table[w] if w in table else np.random.uniform(-5, 5, 30)
    # mended:
    # E[i] = table[w] if w in table else np.random.uniform(-0.17, 0.17, 30)
    # end


class BiTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.we = nn.Embedding.from_pretrained(torch.from_numpy(E), freeze=True, padding_idx=0)
        self.rnn = nn.LSTM(30, 20, bidirectional=True, batch_first=True)
        self.tag = nn.Linear(40, 3)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.we(x), n, batch_first=True, enforce_sorted=False)
        return self.tag(nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True)[0])


def batch(rows):
    pad = nn.utils.rnn.pad_sequence
    x = [torch.tensor([word_ids[w] for w in t]) for t, _ in rows]
    return pad(x, True), torch.tensor([len(s) for s in x]), pad([torch.tensor(g) for _, g in rows], True, -1)


net = BiTagger()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
ce = nn.CrossEntropyLoss(ignore_index=-1)
for epoch in range(8):
    random.shuffle(train)
    losses = []
    for i in range(0, 350, 25):
        x, n, g = batch(train[i:i + 25])
        loss = ce(net(x, n).transpose(1, 2), g)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        x, n, g = batch(dev)
        p = net(x, n).argmax(-1)
        firm = g > 0
        print(f"epoch {epoch} loss {np.mean(losses):.4f} role accuracy {(p[firm] == g[firm]).float().mean().item():.4f}")
