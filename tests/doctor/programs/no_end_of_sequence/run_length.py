# unpack run-length codes:  b3 a1 d2  ->  b b b a d d
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(42); torch.manual_seed(42)
LET = "abcdef"
tok = {t: i for i, t in enumerate(["<pad>", "<bos>", "<eos>"] + list(LET))}
src_tok = {f"{l}{n}": 1 + i for i, (l, n) in enumerate((l, n) for l in LET for n in (1, 2, 3))}


def sample():
    runs, last = [], None
    for _ in range(random.randint(1, 4)):
        l = random.choice([c for c in LET if c != last])
        runs.append((l, random.randint(1, 3)))
        last = l
    return [f"{l}{n}" for l, n in runs], [l for l, n in runs for _ in range(n)]


pool = {}
while len(pool) < 2000:
    s, t = sample()
    pool[tuple(s)] = t
pool = list(pool.items())
random.shuffle(pool)


def collate(rows):
    src = [[src_tok[w] for w in s] for s, _ in rows]
    # fault:
    tgt = [[tok["<bos>"]] + [tok[w] for w in t] for _, t in rows]
    # mended:
    # tgt = [[tok["<bos>"]] + [tok[w] for w in t] + [tok["<eos>"]] for _, t in rows]
    # end
    w1, w2 = max(map(len, src)), max(map(len, tgt))
    return {
        "input_ids": torch.tensor([r + [0] * (w1 - len(r)) for r in src]),
        "lengths": torch.tensor([len(r) for r in src]),
        "decoder_input_ids": torch.tensor([(r + [0] * (w2 - len(r)))[:-1] for r in tgt]),
        "labels": torch.tensor([(r + [-100] * (w2 - len(r)))[1:] for r in tgt]),
        "refs": [t for _, t in rows],
    }


class Net(nn.Module):
    def __init__(self, h=80):
        super().__init__()
        self.src = nn.Embedding(len(src_tok) + 1, h, padding_idx=0)
        self.tgt = nn.Embedding(len(tok), h, padding_idx=0)
        self.enc = nn.GRU(h, h // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRUCell(2 * h, h)
        self.out = nn.Linear(h, len(tok))
        self.q = nn.Linear(h, h)
        self.loss = nn.CrossEntropyLoss()

    def encode(self, b):
        p = nn.utils.rnn.pack_padded_sequence(self.src(b["input_ids"]), b["lengths"], batch_first=True, enforce_sorted=False)
        o, h = self.enc(p)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True)
        return o, b["input_ids"] == 0, torch.cat([h[0], h[1]], 1)

    def step(self, y, enc, pad, h):
        a = (enc @ self.q(h).unsqueeze(2)).squeeze(2).masked_fill(pad, float("-inf")).softmax(1)
        ctx = (a.unsqueeze(1) @ enc).squeeze(1)
        h = self.dec(torch.cat([self.tgt(y), ctx], 1), h)
        return self.out(h), h

    def forward(self, b):
        enc, pad, h = self.encode(b)
        outs = []
        for t in range(b["decoder_input_ids"].size(1)):
            o, h = self.step(b["decoder_input_ids"][:, t], enc, pad, h)
            outs.append(o)
        return self.loss(torch.stack(outs, 2), b["labels"])

    @torch.no_grad()
    def generate(self, b, max_length=16):
        enc, pad, h = self.encode(b)
        y = torch.full((len(pad),), tok["<bos>"])
        ids = []
        for _ in range(max_length):
            o, h = self.step(y, enc, pad, h)
            y = o.argmax(1)
            ids.append(y)
        names = list(tok)
        res = []
        for row in torch.stack(ids, 1).tolist():
            row = row[: row.index(tok["<eos>"])] if tok["<eos>"] in row else row
            res.append([names[i] for i in row])
        return res


train_loader = DataLoader(pool[200:], batch_size=36, shuffle=True, collate_fn=collate)
test_loader = DataLoader(pool[:200], batch_size=100, collate_fn=collate)
net = Net()
optim = torch.optim.RMSprop(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(optim, [4], 0.2)
for ep in range(6):
    for b in train_loader:
        optim.zero_grad()
        loss = net(b)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optim.step()
    sched.step()
    hits = [g == r for b in test_loader for g, r in zip(net.generate(b), b["refs"])]
    print("ep", ep, "loss", round(loss.item(), 4), "exact", sum(hits) / len(hits))
