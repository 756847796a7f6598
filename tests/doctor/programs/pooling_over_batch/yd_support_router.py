"""Routes support tickets to a queue: words -> GRU -> attention -> queue.  (ported from a 0.3 code base)

Only one or two words of a ticket matter, the rest is chatter, hence the attention.
"""
import random
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.simplefilter("ignore")
random.seed(13)
torch.manual_seed(13)

QUEUES = {
    "billing": "invoice refund charged payment receipt vat creditcard overcharged".split(),
    "login": "password locked username signin captcha twofactor sso reset".split(),
    "shipping": "parcel courier delivery tracking customs address delayed lost".split(),
    "hardware": "battery screen keyboard charger fan overheating cable hinge".split(),
    "software": "crash update install freeze bug driver plugin version".split(),
}
NAMES = list(QUEUES)
CHATTER = ("hello hi dear team please i we my our have had since monday friday yesterday again still really just could you help with the a this that is was "
           "and but also because thanks regards kindly soon today it about question regarding something wrong problem issue customer number called wrote "
           "twice before nobody answered me us would like to know when why how").split()


def ticket():
    y = random.randrange(len(NAMES))
    words = random.choices(CHATTER, k=random.randint(8, 20))
    for _ in range(random.choice([1, 1, 2])):
        words.insert(random.randrange(len(words) + 1), random.choice(QUEUES[NAMES[y]]))
    return tuple(words), y


data = {}
while len(data) < 2150:
    t, y = ticket()
    data[t] = y
data = list(data.items())
train, test = data[:2000], data[2000:]
index = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


def make_batch(rows):
    width = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([index.get(w, 0) for w in t])
    return x, torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self, n_words, n_out, emb=32, hid=24):
        super().__init__()
        self.lookup = nn.Embedding(n_words + 1, emb, padding_idx=0)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.score = nn.Sequential(nn.Linear(emb + hid, 16), nn.Tanh(), nn.Linear(16, 1))
        self.decide = nn.Linear(emb + hid, n_out)

    def forward(self, x):
        e = self.lookup(x)
        h, _ = self.gru(e)
        h = torch.cat([e, h], 2)
        s = self.score(h)                                    # batch, time, 1
        s = s.masked_fill((x == 0).unsqueeze(2), -1e9)
        # fault:
        w = F.softmax(s)
        # mended:
        # w = F.softmax(s, dim=1)
        # end
        return self.decide((w * h).sum(1))


router = Router(len(index), len(NAMES))
opt = torch.optim.Adam(router.parameters(), lr=4e-3)
loss_fn = nn.CrossEntropyLoss()


def accuracy(rows):
    """as in production: tickets come one at a time"""
    router.eval()
    right = 0
    with torch.no_grad():
        for row in rows:
            x, y = make_batch([row])
            right += int(router(x).argmax(1).item() == y.item())
    return right / len(rows)


for epoch in range(5):
    random.shuffle(train)
    router.train()
    seen, total = 0, 0.0
    for i in range(0, len(train), 40):
        x, y = make_batch(train[i:i + 40])
        opt.zero_grad()
        loss = loss_fn(router(x), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
        seen += len(y)
    if epoch == 2:
        opt.param_groups[0]["lr"] = 1e-3
    print(f"epoch {epoch}  loss {total / seen:.3f}  test accuracy {accuracy(test):.3f}")
