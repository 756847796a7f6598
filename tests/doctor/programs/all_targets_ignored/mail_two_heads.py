"""Incoming mail: urgency is known for every message, the department only where somebody filed it by hand (-100 = not filed)."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(19)
torch.manual_seed(19)
DEPTS = {"billing": "invoice refund charge payment iban receipt overdue", "hr": "vacation contract payslip leave onboarding sick training",
         "it": "password laptop vpn printer license backup login", "sales": "quote offer demo discount order catalogue customer"}
URGENT = "asap immediately urgent deadline today blocked escalate critical".split()
CALM = "whenever fyi newsletter reminder sometime next-week information summary".split()
BODY = "hello dear team we i have the a please would need see attached regards about our your it to and this with question".split()
names = list(DEPTS)


def mail():
    d, u = random.randrange(len(names)), random.randrange(2)
    words = random.choices(BODY, k=random.randint(8, 16)) + random.choices(DEPTS[names[d]].split(), k=random.randint(1, 3))
    words += random.choices(URGENT if u else CALM, k=random.choice([1, 1, 2]))
    if random.random() < 0.15:
        words += random.choices(CALM if u else URGENT, k=1)
    random.shuffle(words)
    return tuple(words), d, u


mails = list({m[0]: m for m in (mail() for _ in range(3000))}.values())
train = [(w, d if random.random() < 0.22 else -100, u) for w, d, u in mails[:2500]]
dev = mails[2500:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for w_, _, _ in mails for w in w_}))}


def tensors(rows):
    x = torch.zeros(len(rows), max(len(r[0]) for r in rows), dtype=torch.long)
    for i, (ws, _, _) in enumerate(rows):
        x[i, :len(ws)] = torch.tensor([vocab[w] for w in ws])
    return x, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 32, padding_idx=0)
        self.att = nn.Linear(32, 1)
        self.dept = nn.Linear(32, len(names))
        self.urgent = nn.Linear(32, 2)
        self.log_var = nn.Parameter(torch.zeros(2))          # weights of the two tasks (Kendall et al. 2018)

    def forward(self, x):
        e = self.emb(x)
        w = self.att(torch.tanh(e)).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        h = (w.unsqueeze(-1) * e).sum(1)
        return self.dept(h), self.urgent(h)


def dept_loss(scores, target):
    # fault:
    return F.cross_entropy(scores, target, ignore_index=-100)
    # mended:
    # filed = (target != -100).sum().clamp(min=1)
    # return F.cross_entropy(scores, target, ignore_index=-100, reduction="sum") / filed
    # end


net = TwoHeads()
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
step = 0
for epoch in range(6):
    random.shuffle(train)
    sums = [0.0, 0.0]
    for i in range(0, len(train), 16):
        x, d, u = tensors(train[i:i + 16])
        sd, su = net(x)
        ld, lu = dept_loss(sd, d), F.cross_entropy(su, u)
        optimizer.zero_grad()
        s = net.log_var
        (torch.exp(-s[0]) * ld + torch.exp(-s[1]) * lu + s.sum()).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 3.0)
        optimizer.step()
        step += 1
        sums[0] += ld.item()
        sums[1] += lu.item()
    with torch.no_grad():
        x, d, u = tensors(dev)
        sd, su = net(x)
    n = (len(train) + 15) // 16
    print(f"epoch {epoch + 1} step {step}: losses dept {sums[0] / n:.3f} urgency {sums[1] / n:.3f} | "
          f"dev dept {(sd.argmax(1) == d).float().mean():.3f} urgency {(su.argmax(1) == u).float().mean():.3f}")
