"""End-to-end memory network (one hop) for "where is X" stories.

Every story is a list of moves; the question names one person, the answer is the
last place that person went to. Bag-of-words sentence encoding + temporal encoding.
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

PEOPLE = "mary john sandra daniel fred julie".split()
PLACES = "kitchen garden office hallway bathroom bedroom park cellar".split()
VERBS = "went moved travelled journeyed".split()
WORDS = ["<nil>"] + PEOPLE + PLACES + VERBS + ["to", "the", "where", "is"]
IDX = {w: i for i, w in enumerate(WORDS)}
MEM, SLEN = 8, 5


def story():
    facts, where = [], {}
    for _ in range(random.randint(4, MEM)):
        who, place = random.choice(PEOPLE), random.choice(PLACES)
        where[who] = place
        facts.append([who, random.choice(VERBS), "to", "the", place])
    who = random.choice(list(where))
    return facts, ["where", "is", who], where[who]


def vectorise(items):
    mem = torch.zeros(len(items), MEM, SLEN, dtype=torch.long)
    qs = torch.zeros(len(items), 3, dtype=torch.long)
    ans = torch.zeros(len(items), dtype=torch.long)
    for n, (facts, q, a) in enumerate(items):
        for k, sent in enumerate(reversed(facts)):        # slot 0 is the newest fact
            mem[n, k] = torch.tensor([IDX[w] for w in sent])
        qs[n] = torch.tensor([IDX[w] for w in q])
        ans[n] = PLACES.index(a)
    return mem, qs, ans


class MemN2N(nn.Module):
    def __init__(self, n_words, dim, n_answers):
        super().__init__()
        self.A = nn.Embedding(n_words, dim, padding_idx=0)
        self.B = nn.Embedding(n_words, dim, padding_idx=0)
        self.C = nn.Embedding(n_words, dim, padding_idx=0)
        for e in (self.A, self.B, self.C):
            nn.init.normal_(e.weight, 0, 0.2)
            with torch.no_grad():
                e.weight[0].zero_()
        self.time = nn.Parameter(torch.randn(MEM, dim) * 0.2)
        self.answer = nn.Linear(dim, n_answers)

    def forward(self, mem, q):
        u = self.B(q).sum(1)
        keys = self.A(mem).sum(2) + self.time
        vals = self.C(mem).sum(2)
        score = torch.einsum("bd,bmd->bm", u, keys)
        score = score.masked_fill(mem[:, :, 0] == 0, -1e9)
        p = F.softmax(score, dim=1)
        return self.answer((p.unsqueeze(-1) * vals).sum(1) + u)


seen, pool = set(), []
while len(pool) < 3000:
    s = story()
    key = str(s)
    if key not in seen:
        seen.add(key)
        pool.append(s)
tr, te = vectorise(pool[:2400]), vectorise(pool[2400:])

net = MemN2N(len(WORDS), 32, len(PLACES))
opt = torch.optim.Adam(net.parameters(), lr=0.002)
# fault:
n_epochs = 3
# mended:
#n_epochs = 18
# end

for epoch in range(1, n_epochs + 1):
    net.train()
    total = 0.0
    for ix in torch.randperm(len(tr[2])).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(tr[0][ix], tr[1][ix]), tr[2][ix])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(ix)
    if epoch % 3 == 0 or epoch <= 4:
        print(f"epoch {epoch:2d}  train loss {total / len(tr[2]):.4f}")

net.eval()
with torch.no_grad():
    for name, d in (("train", tr), ("test", te)):
        out = net(d[0], d[1])
        acc = (out.argmax(1) == d[2]).float().mean().item()
        print(f"{name}: loss {F.cross_entropy(out, d[2]).item():.4f} accuracy {acc:.3f}")
