#!/usr/bin/env python3
"""Next-event model for an app's clickstream. GRU language model with tied input/output weights."""
import argparse
import math
import time

import numpy as np
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=32)
parser.add_argument("--steps", type=int, default=300)
parser.add_argument("--batch", type=int, default=48)
parser.add_argument("--lr", type=float, default=1e-2)
parser.add_argument("--seed", type=int, default=17)
opt = parser.parse_args()
torch.manual_seed(opt.seed)
gen = np.random.default_rng(opt.seed)

EVENTS = ["<pad>", "<start>", "<quit>", "home", "search", "list", "item", "photo", "review", "cart", "coupon",
          "checkout", "address", "pay", "confirm", "login", "signup", "help", "chat", "settings", "wishlist"]
K = len(EVENTS)
# every event has a handful of likely followers; after a coupon the user pays sooner
follow = gen.dirichlet(np.full(K - 2, 0.12), size=K)
follow2 = gen.dirichlet(np.full(K - 2, 0.12), size=K)
follow[:, 0] = follow2[:, 0] = 0.06
follow, follow2 = (m / m.sum(1, keepdims=True) for m in (follow, follow2))
COUPON = EVENTS.index("coupon")


def session():
    s, used = [1], False
    while len(s) < 24:
        table = follow2 if used else follow
        e = int(gen.choice(K - 2, p=table[s[-1]])) + 2
        s.append(e)
        used = used or e == COUPON
        if e == 2:
            break
    return tuple(s)


sessions, known = [], set()
while len(sessions) < 2600:
    s = session()
    if s not in known and len(s) > 3:
        known.add(s)
        sessions.append(s)


def stack(rows):
    out = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for i, r in enumerate(rows):
        out[i, :len(r)] = torch.tensor(r)
    return out


train, valid = sessions[:2200], stack(sessions[2200:])


class TiedGRU(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.enc = nn.Embedding(n, d, padding_idx=0)
        self.gru = nn.GRU(d, d, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.dec = nn.Linear(d, n)
        self.dec.weight = self.enc.weight
        nn.init.normal_(self.enc.weight, std=d ** -0.5)
        nn.init.zeros_(self.dec.bias)

    def forward(self, x):
        h, _ = self.gru(self.drop(self.enc(x)))
        return self.dec(self.drop(h))


def nll(model, x):
    logits = model(x[:, :-1])
    return nn.functional.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten(), ignore_index=0)


model = TiedGRU(K, opt.dim)
optimizer = torch.optim.Adam(model.parameters(), lr=opt.lr)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, opt.lr, total_steps=opt.steps)
start, smooth = time.time(), None
for step in range(1, opt.steps + 1):
    model.train()
    picks = gen.choice(len(train), opt.batch, replace=False)
    loss = nll(model, stack([train[i] for i in picks]))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
    if step % 50 == 0:
        model.eval()
        with torch.no_grad():
            v = nll(model, valid).item()
        print(f"step {step:4d} train ppl {math.exp(smooth):6.2f} valid ppl {math.exp(v):6.2f}")

counts = torch.bincount(torch.cat([torch.tensor(s[1:]) for s in train]), minlength=K).float() + 1
logp = (counts / counts.sum()).log()
flat = valid[:, 1:][valid[:, 1:] > 0]
with torch.no_grad():
    hit = (model(valid[:, :-1]).argmax(-1) == valid[:, 1:])[valid[:, 1:] > 0].float().mean()
print(f"unigram ppl {math.exp(-logp[flat].mean()):.2f}  top1 {hit:.3f}  "
      f"most frequent {(flat == counts.argmax()).float().mean():.3f}")
