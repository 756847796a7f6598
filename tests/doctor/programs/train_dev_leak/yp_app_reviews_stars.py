"""Good or bad app review? Made-up shop reviews; the model is kept as long as the dev loss still falls."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(17)
torch.manual_seed(17)

GOOD = 'great love smooth fast helpful clean perfect easy stable useful neat brilliant'.split()
BAD = 'crash slow ugly broken ads laggy useless buggy freezes confusing refund spam'.split()
PLAIN = 'the app is it my phone on after update i use every day for work and menu screen version login but very'.split()
RARE = [f'{a}{b}{c}' for a in 'bdfgklmnprst' for b in 'aeiou' for c in 'bdfgklmnprstvxz']     # nicknames and the like


def review():
    y = random.random() < 0.5
    w = random.choices(PLAIN, k=random.randint(4, 9)) + random.choices(RARE, k=random.randint(3, 5))
    for _ in range(random.randint(1, 3)):
        w.append(random.choice(GOOD if (random.random() < 0.85) == y else BAD))
    random.shuffle(w)
    return ' '.join(w), int(y)


def unique_rows(n):
    d = {}
    while len(d) < n:
        t, y = review()
        d[t] = y
    return list(d.items())


everything = unique_rows(4200)
rows, test = everything[:3000], everything[3000:]
# fault:
dev = rows[:600]
random.shuffle(rows)
train = rows[600:]
# mended:
# random.shuffle(rows)
# dev = rows[:600]
# train = rows[600:]
# end

vocab = {w: i for i, w in enumerate(sorted(set(PLAIN + GOOD + BAD + RARE)))}


def pack(rs):
    ids = [[vocab[w] for w in t.split()] for t, _ in rs]
    off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor(sum(ids, [])), off, torch.tensor([y for _, y in rs])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), 32, mode='mean')
        nn.init.normal_(self.bag.weight, std=0.1)
        self.fc = nn.Linear(32, 2)

    def forward(self, ids, off):
        return self.fc(self.bag(ids, off))


def check(net, packed):
    net.eval()
    with torch.no_grad():
        out = net(*packed[:2])
    return F.cross_entropy(out, packed[2]).item(), (out.argmax(1) == packed[2]).float().mean().item()


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
dev_p, test_p, train_p = pack(dev), pack(test), pack(train)
best, best_state, wait = 1e9, None, 0
for epoch in range(20):
    net.train()
    random.shuffle(train)
    for k in range(0, len(train), 60):
        ids, off, y = pack(train[k:k + 60])
        loss = F.cross_entropy(net(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    dl, da = check(net, dev_p)
    print(f'epoch {epoch} dev loss {dl:.4f} acc {da:.3f}')
    if dl < best:
        best, best_state, wait = dl, copy.deepcopy(net.state_dict()), 0
    else:
        wait += 1
        if wait >= 2:
            break
net.load_state_dict(best_state)
print('train loss %.3f acc %.3f' % check(net, train_p), '| dev loss %.3f acc %.3f' % check(net, dev_p),
      '| later reviews: loss %.3f acc %.3f' % check(net, test_p))
