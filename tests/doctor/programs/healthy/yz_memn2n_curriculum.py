"""End-to-end memory network, one hop, on a generated 'where is X?' world. Curriculum over story length;
every batch has stories of one length, so nothing has to be padded."""
import random
import torch

random.seed(6)
torch.manual_seed(6)

PEOPLE = "mary john sandra daniel julie fred".split()
PLACES = "kitchen garden office bedroom hallway bathroom".split()
VERBS = "went ran moved walked".split()
vocab = {w: i for i, w in enumerate(PEOPLE + PLACES + VERBS + ["where", "is"])}


def story(k):
    facts, where = [], {}
    for _ in range(k):
        p, v, q = random.choice(PEOPLE), random.choice(VERBS), random.choice(PLACES)
        facts.append([vocab[p], vocab[v], vocab[q]])
        where[p] = q
    who = random.choice(list(where))
    return facts, [vocab["where"], vocab["is"], vocab[who]], PLACES.index(where[who])


def batch(k, n):
    f, q, a = zip(*(story(k) for _ in range(n)))
    return torch.tensor(f), torch.tensor(q), torch.tensor(a)


class MemN2N(torch.nn.Module):
    def __init__(self, d=32, max_mem=8):
        super().__init__()
        self.A = torch.nn.Embedding(len(vocab), d)
        self.C = torch.nn.Embedding(len(vocab), d)
        self.B = torch.nn.Embedding(len(vocab), d)
        self.age = torch.nn.Embedding(max_mem, d)     # 0 = most recent fact
        self.age_gate = torch.nn.Parameter(torch.zeros(max_mem))
        self.W = torch.nn.Linear(d, len(PLACES), bias=False)
        for e in (self.A, self.C, self.B, self.age):
            torch.nn.init.normal_(e.weight, std=.3)

    def forward(self, facts, query):
        k = facts.size(1)
        age = torch.arange(k - 1, -1, -1)
        u = self.B(query).sum(1)
        m = self.A(facts).sum(2) + self.age(age)
        att = torch.softmax(torch.einsum("bkd,bd->bk", m, u) + self.age_gate[age], 1)
        o = torch.einsum("bk,bkd->bd", att, self.C(facts).sum(2))
        return self.W(o + u), att


model = MemN2N()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
held_out = {k: batch(k, 400) for k in (2, 4, 6)}


def score(k):
    f, q, a = held_out[k]
    with torch.no_grad():
        return (model(f, q)[0].argmax(1) == a).float().mean().item()


STAGES = [(2, 80), (4, 80), (6, 150)]
for k, steps in STAGES:
    total = 0.
    for s in range(steps):
        if k == 6:
            opt.param_groups[0]["lr"] = 1e-2 * (1 - s / steps)
        f, q, a = batch(k if random.random() < .8 else 2, 48)
        loss = torch.nn.functional.cross_entropy(model(f, q)[0], a)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.)
        opt.step()
        total += loss.item()
    print(f"stage with {k} facts: mean loss {total / steps:.3f}, held-out " +
          ", ".join(f"{h} facts {score(h):.3f}" for h in held_out))
print("chance", round(1 / len(PLACES), 3))
f, q, a = held_out[4]
with torch.no_grad():
    print("attention on one story:", [round(x, 2) for x in model(f[:1], q[:1])[1][0].tolist()])
