# Help desk search: a short question looks for the title of its help article.
# Two word-averaging towers, hinge on cosine similarities, negatives from the batch.
import random
import numpy as np
import torch

random.seed(31); torch.manual_seed(31)

THINGS = {'invoice': 'bill', 'password': 'credentials', 'parcel': 'shipment', 'account': 'profile', 'voucher': 'coupon', 'subscription': 'plan',
          'printer': 'device', 'address': 'location', 'refund': 'repayment', 'newsletter': 'mailing', 'phone': 'mobile', 'photo': 'picture',
          'card': 'payment', 'order': 'purchase', 'seat': 'reservation', 'ticket': 'pass'}
ACTS = {'change': 'editing', 'cancel': 'terminating', 'lose': 'missing', 'share': 'sharing', 'print': 'printing', 'find': 'locating',
        'delete': 'removing', 'renew': 'extending', 'track': 'following', 'block': 'locking', 'upload': 'adding', 'verify': 'confirming'}
PLACES = {'abroad': 'international', 'online': 'web', 'work': 'business', 'family': 'household', 'school': 'education', 'app': 'mobile-app'}
START = ['how do i', 'can i', 'where do i', 'i need to', 'help me', 'what if i must', 'is it possible to']
END = ['please', 'today', 'quickly', 'again', '']
HEAD = ['guide to', 'about', 'faq', 'steps for', 'manual']

articles = [(a, t, p) for a in ACTS for t in THINGS for p in PLACES]
random.shuffle(articles)
held, known = articles[:200], articles[200:]

def question(k):
    a, t, p = k
    return f'{random.choice(START)} {a} my {t} {random.choice(["for", "with", "in"])} {p} {random.choice(END)}'.split()

def title(k):
    a, t, p = k
    return f'{random.choice(HEAD)} {ACTS[a]} your {PLACES[p]} {THINGS[t]}'.split()

vocab = {}
for k in known:
    for _ in range(3):
        for w in question(k) + title(k): vocab.setdefault(w, len(vocab))

def bag(texts):
    ids = [torch.tensor([vocab[w] for w in t]) for t in texts]
    return torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)

class Tower(torch.nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(len(vocab), d, mode='mean')
        self.out = torch.nn.Linear(d, d)
    def forward(self, texts):
        return torch.nn.functional.normalize(self.out(self.words(*bag(texts))), dim=-1)

asker, shelf = Tower(), Tower()
params = [*asker.parameters(), *shelf.parameters()]
opt = torch.optim.Adam(params, lr=5e-3)
MARGIN = 0.3

def hinge(q, t):
    sims = q @ t.T
    own = sims.diagonal()[:, None]
    off = ~torch.eye(len(q), dtype=torch.bool)
    # fault:
    cost = (MARGIN + own - sims).clamp(min=0)
    # mended:
    # cost = (MARGIN - own + sims).clamp(min=0)
    # end
    return cost[off].mean()

def recall(keys, ks=(1, 5)):
    asker.eval(); shelf.eval()
    with torch.no_grad():
        s = asker([question(k) for k in keys]) @ shelf([title(k) for k in keys]).T
    rank = (s > s.diagonal()[:, None]).sum(1).numpy()
    return ' '.join(f'R@{k} {np.mean(rank < k):.3f}' for k in ks) + f' median rank {np.median(rank) + 1:.0f}'

for epoch in range(10):
    asker.train(); shelf.train()
    random.shuffle(known)
    log = []
    for i in range(0, len(known) - 31, 32):
        keys = known[i:i + 32]
        loss = hinge(asker([question(k) for k in keys]), shelf([title(k) for k in keys]))
        opt.zero_grad(); loss.backward(); opt.step()
        log.append(loss.item())
    if epoch % 2: print(f'{epoch + 1:2d} loss {np.mean(log):.4f} held out: {recall(held)}')
print('known   ', recall(known[:200]))
print('held out', recall(held))
