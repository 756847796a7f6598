"""Course exercise 4.2: which of two dates comes first?

Bradley-Terry: each date gets ONE number, P(a after b) = sigmoid(s(a) - s(b)).  A word is worth a single learnt number
as well, so the whole "network" is a table with one column.  Compare with the sklearn solution of exercise 4.1.
"""
import random
import torch
import torch.nn.functional as F

rnd = random.Random(4)
torch.manual_seed(4)

MONTHS = "january february march april may june july august september october november december".split()
DAYS = [f"{d}." for d in range(1, 29)]
YEARS = [str(y) for y in range(1975, 2015)]
words = {w: i for i, w in enumerate(DAYS + MONTHS + YEARS)}


def random_date():
    return rnd.randrange(40), rnd.randrange(12), rnd.randrange(28)


def as_ids(date):
    y, m, d = date
    return [words[DAYS[d]], words[MONTHS[m]], words[YEARS[y]]]


def neighbour(date):
    """half of the pairs lie within the same year, or the months would never matter"""
    y, _, _ = date
    return (y, rnd.randrange(12), rnd.randrange(28)) if rnd.random() < 0.5 else random_date()


dates = list({random_date() for _ in range(5000)})
rnd.shuffle(dates)
held, known = set(dates[:500]), dates[500:]
known_set = set(known)


def pairs(firsts, allowed, n):
    out = []
    while len(out) < n:
        a = rnd.choice(firsts)
        b = neighbour(a)
        if a != b and allowed(b):
            out.append((as_ids(a), as_ids(b), float(a > b)))
    a, b, y = zip(*out)
    return torch.tensor(a), torch.tensor(b), torch.tensor(y)


train = pairs(known, lambda d: d not in held, 6000)
test = pairs(dates[:500], lambda d: d not in known_set, 600)
worth = torch.nn.Embedding(len(words), 1)
torch.nn.init.zeros_(worth.weight)


def s(ids):
    return worth(ids).sum(dim=(1, 2))


def accuracy(a, b, y):
    with torch.no_grad():
        return ((s(a) > s(b)) == y.bool()).float().mean().item()


opt = torch.optim.Adam(worth.parameters(), lr=0.5)
for epoch in range(7):
    opt.param_groups[0]["lr"] = 0.5 * (1 - epoch / 7)
    total = 0.0
    for ix in torch.randperm(len(train[2])).split(60):
        a, b, y = (t[ix] for t in train)
        loss = F.binary_cross_entropy_with_logits(s(a) - s(b), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(ix)
    print(f"epoch {epoch}  loss {total / len(train[2]):.4f}  train {accuracy(*train):.3f}  unseen dates {accuracy(*test):.3f}")
w = worth.weight.detach().squeeze(1)
print("months by worth:", " ".join(MONTHS[i][:3] for i in w[28:40].argsort()))
