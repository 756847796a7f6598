"""Blog post code: domain-adversarial training (gradient reversal) on short product comments.

Labels exist for the BOOK comments only, the PHONE comments come without labels. Words of the domain correlate with the
label among the books (thrillers are liked, poetry is not) but mean nothing for phones.
The domain head is supposed to end up guessing: that is the point of the exercise.
"""
import random

import torch
from torch import nn
from torch.autograd import Function

random.seed(64)
torch.manual_seed(64)
LIKE = "love great perfect happy wonderful enjoyed best excellent".split()
HATE = "hate awful broken sad terrible regret worst useless".split()
SHARED = "this one i we it really so bought for my sister yesterday and again".split()
BOOKS = {1: "thriller crime detective".split(), 0: "poetry sonnet verse".split()}
BOOK_ANY = "chapter author page novel".split()
PHONES = "battery screen camera charger cable display sim button speaker case".split()


def comment(domain):
    y = random.randint(0, 1)
    w = random.sample(LIKE if y else HATE, random.randint(1, 2)) + random.sample(SHARED, random.randint(3, 6))
    if domain == "book":
        w += random.sample(BOOK_ANY, 2) + [random.choice(BOOKS[y if random.random() < 0.8 else 1 - y])]
    else:
        w += random.sample(PHONES, 3)
    random.shuffle(w)
    return tuple(w), y


def collect(domain, n):
    found = {}
    while len(found) < n:
        w, y = comment(domain)
        found[w] = y
    return list(found.items())


book, phone = collect("book", 1300), collect("phone", 1300)
vocab = {w: i for i, w in enumerate(sorted({w for part in (book[:1000], phone[:1000]) for c, _ in part for w in c}))}


class Reverse(Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return -ctx.strength * grad, None


def counts(part):
    x = torch.zeros(len(part), len(vocab))
    for r, (c, _) in enumerate(part):
        for w in c:
            x[r, vocab[w]] += 1
    return x, torch.tensor([y for _, y in part])


xb, yb = counts(book[:1000])
xp, _ = counts(phone[:1000])             # their labels are never looked at
xb_test, yb_test = counts(book[1000:])
xp_test, yp_test = counts(phone[1000:])

features = nn.Sequential(nn.Linear(len(vocab), 16), nn.Tanh())
opinion = nn.Linear(16, 2)
domain = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
# the critic has to be quicker than what it criticises, and Adam's momentum makes the two chase each other: beta1 = 0.5
opt = torch.optim.Adam([{"params": [*features.parameters(), *opinion.parameters()], "lr": 2e-3},
                        {"params": domain.parameters(), "lr": 1e-2}], betas=(0.5, 0.999))
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
ce = nn.CrossEntropyLoss()
EPOCHS = 6

for epoch in range(EPOCHS):
    log = torch.zeros(2)
    order_b, order_p = torch.randperm(len(xb)).split(25), torch.randperm(len(xp)).split(25)
    for step, (ib, ip) in enumerate(zip(order_b, order_p)):
        progress = (epoch + step / len(order_b)) / EPOCHS
        strength = 0.3 * min(1.0, 3 * progress)
        zb, zp = features(xb[ib]), features(xp[ip])
        task = ce(opinion(zb), yb[ib])
        d = domain(Reverse.apply(torch.cat([zb, zp]), strength))
        adv = ce(d, torch.cat([torch.zeros(len(ib)), torch.ones(len(ip))]).long())
        opt.zero_grad()
        (task + adv).backward()
        opt.step()
        log += torch.tensor([task.item(), adv.item()])
    sched.step()
    with torch.no_grad():
        acc = lambda x, y: (opinion(features(x)).argmax(1) == y).float().mean().item()
        dom = domain(features(torch.cat([xb_test, xp_test]))).argmax(1)
        dom_acc = (dom == torch.cat([torch.zeros(len(xb_test)), torch.ones(len(xp_test))])).float().mean().item()
        print(f"epoch {epoch} task {log[0] / len(order_b):.4f} adv {log[1] / len(order_b):.4f} | train {acc(xb, yb):.3f} "
              f"book test {acc(xb_test, yb_test):.3f} phone test {acc(xp_test, yp_test):.3f} | domain guess {dom_acc:.3f}")
