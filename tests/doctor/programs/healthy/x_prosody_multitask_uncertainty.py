"""Joint prediction of accent class and boundary strength with learned task weights (Kendall et al. 2018).

total = exp(-s1) * CE + s1/2 + exp(-s2)/2 * MSE + s2/2, which drops below zero as the tasks get easy.
"""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

random.seed(23)
torch.manual_seed(23)

POS = {p: i for i, p in enumerate("DET NOUN VERB ADJ PREP PRON ADV COMMA STOP".split())}


def sentence():
    toks = []
    for c in range(random.randint(1, 3)):
        toks += random.choice([["PRON"], ["DET", "NOUN"], ["DET", "ADJ", "NOUN"]]) + ["VERB"]
        toks += random.choice([[], ["ADV"], ["PREP", "DET", "NOUN"], ["DET", "NOUN"]]) + ["COMMA"]
    toks[-1] = "STOP"
    accent, boundary = [], []
    for j, p in enumerate(toks):
        nxt = toks[j + 1] if j + 1 < len(toks) else None
        a = 2 if p in ("NOUN", "ADV") and nxt in ("COMMA", "STOP") else 1 if p in ("NOUN", "ADJ", "ADV") else 0
        if p == "VERB" and nxt in ("COMMA", "STOP"):
            a = 2
        accent.append(a if random.random() > 0.04 else random.randrange(3))       # annotators
        boundary.append({"COMMA": 0.8, "STOP": 0.0}.get(nxt, 0.1 if nxt != "PREP" else 0.4) + random.gauss(0, 0.05))
        if nxt == "STOP":
            boundary[-1] += 1.2
    return torch.tensor([POS[p] for p in toks]), torch.tensor(accent), torch.tensor(boundary)


class Prosody(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(POS), 12)
        self.rnn = nn.GRU(12, 24, bidirectional=True)
        self.accent = nn.Linear(48, 3)
        self.boundary = nn.Linear(48, 1)
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, sents):
        packed = pack_sequence([x for x, _, _ in sents], enforce_sorted=False)
        out = self.rnn(packed._replace(data=self.emb(packed.data)))[0]
        h, lens = pad_packed_sequence(out)                                # (T, N, 48)
        real = (torch.arange(h.size(0))[:, None] < lens[None, :]).t()
        h = h.transpose(0, 1)[real]                                       # real tokens only, sentence by sentence
        return self.accent(h), self.boundary(h).squeeze(1)


def gold(sents):
    return torch.cat([a for _, a, _ in sents]), torch.cat([b for _, _, b in sents])


train, dev = [sentence() for _ in range(600)], [sentence() for _ in range(200)]
model = Prosody()
opt = torch.optim.Adam([
    {"params": [p for n, p in model.named_parameters() if n != "s"]},
    {"params": [model.s], "lr": 0.1},        # has to travel some units
], lr=1e-2)


@torch.no_grad()
def scores(sents):
    (logits, b), (ga, gb) = model(sents), gold(sents)
    return (logits.argmax(1) == ga).float().mean().item(), 1 - ((b - gb).pow(2).mean() / gb.var()).item()


for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 30):
        part = train[i:i + 30]
        (logits, b), (ga, gb) = model(part), gold(part)
        ce = nn.functional.cross_entropy(logits, ga)
        mse = nn.functional.mse_loss(b, gb)
        s1, s2 = model.s
        loss = torch.exp(-s1) * ce + s1 / 2 + 0.5 * torch.exp(-s2) * mse + s2 / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print("epoch %d  total %+.3f  s = %s  train acc %.3f R2 %.3f  dev acc %.3f R2 %.3f" % (
        epoch, tot / 20, [round(v, 2) for v in model.s.tolist()], *scores(train), *scores(dev)))
