'''FAQ retrieval with a hinge on hard negatives (max-violation, VSE++).
The hardest negative is searched inside the batch, so rows of a batch do compete: that is the loss, not the model.
Questions are made up: intent x object x phrasing; the answer title is one of 60.'''
import random, torch
from torch import nn
import torch.nn.functional as F

rnd = random.Random(17); torch.manual_seed(17)
ACTIONS = {'cancel': ['cancel', 'stop', 'quit', 'end', 'get rid of'], 'change': ['change', 'edit', 'modify', 'update', 'alter'],
           'pay': ['pay for', 'settle', 'be charged for', 'finance', 'cover'], 'find': ['find', 'locate', 'see', 'look up', 'get to'],
           'share': ['share', 'give a friend', 'pass on', 'forward', 'lend'], 'report': ['report', 'complain about', 'flag', 'dispute', 'escalate']}
THINGS = {'subscription': ['subscription', 'plan', 'membership'], 'order': ['order', 'purchase', 'basket'], 'account': ['account', 'profile', 'login'],
          'ticket': ['ticket', 'booking', 'reservation'], 'card': ['card', 'debit card', 'visa'], 'photo': ['photo', 'picture', 'image'],
          'message': ['message', 'chat', 'note'], 'device': ['device', 'phone', 'tablet'], 'address': ['address', 'street', 'zip code'], 'invoice': ['invoice', 'bill', 'receipt']}
OPEN = ['how do i', 'can i', 'where can i', 'is it possible to', 'i need to', 'i would like to', 'please help me', 'what is the way to', 'my wife wants to', 'trying to']
END = ['', 'today', 'on the website', 'in the app', 'without calling', 'before friday', 'from abroad', 'quickly', 'for free', 'again', 'at home', 'on my computer']
titles = [(a, t) for a in ACTIONS for t in THINGS]

qs = {}
while len(qs) < 3000:
    k = rnd.randrange(len(titles)); a, t = titles[k]
    q = ' '.join([rnd.choice(OPEN), rnd.choice(ACTIONS[a]), rnd.choice(['my', 'the', 'a', 'this', 'our old']), rnd.choice(THINGS[t]), rnd.choice(END)]).strip()
    qs[q] = k
rows = list(qs.items()); rnd.shuffle(rows)
train, dev = rows[:2500], rows[2500:]
words = {}
for q, _ in train:
    for w in q.split(): words.setdefault(w, len(words))
for a, t in titles:
    for w in (a, t): words.setdefault('T:' + w, len(words))
title_ids = torch.tensor([[words['T:' + a], words['T:' + t]] for a, t in titles])

def ragged(qs):
    return nn.utils.rnn.pad_sequence([torch.tensor([words[w] for w in q.split() if w in words]) for q in qs], batch_first=True, padding_value=-1)

emb = nn.Embedding(len(words), 32)
weigh = nn.Linear(32, 1)
proj = nn.Linear(32, 32, bias=False)
params = [*emb.parameters(), *weigh.parameters(), *proj.parameters()]

def question(ids):
    pad = ids < 0
    e = emb(ids.clamp(min=0))
    a = weigh(e)[..., 0].masked_fill(pad, -1e9).softmax(-1)
    return F.normalize(torch.einsum('bt,btd->bd', a, e) @ proj.weight.T, dim=-1)

def title():
    return F.normalize(emb(title_ids).mean(1), dim=-1)

def hit_rate(rows):
    with torch.no_grad():
        s = question(ragged([q for q, _ in rows])) @ title().T
        y = torch.tensor([k for _, k in rows])
        gold = s.gather(1, y[:, None])
        rank = (s > gold).sum(1) + 1
    return (rank == 1).float().mean().item(), (1 / rank).mean().item()

opt = torch.optim.Adam(params, lr=1.5e-2)
EPOCHS = 9
for ep in range(EPOCHS):
    opt.param_groups[0]['lr'] = 1.5e-2 * 0.55 ** max(0, ep - 2)
    rnd.shuffle(train); tot = viol = 0
    for i in range(0, len(train), 64):
        part = train[i:i + 64]
        y = torch.tensor([k for _, k in part])
        sim = question(ragged([q for q, _ in part])) @ title()[y].T
        pos = sim.diagonal()
        same = y[:, None] == y[None, :]
        cost = (0.2 + sim - pos[:, None]).clamp(min=0).masked_fill(same, 0.)
        cost_t = (0.2 + sim - pos[None, :]).clamp(min=0).masked_fill(same, 0.)
        loss = (cost.max(1)[0].mean() + cost_t.max(0)[0].mean()) if ep > 0 else (cost.mean() + cost_t.mean()) * 8
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(part)
    r1, mrr = hit_rate(dev)
    print(f'epoch {ep + 1}  hinge {tot / len(train):.4f}  dev hit@1 {r1:.3f}  MRR {mrr:.3f}')
