'''
Severity of log messages with a learned-query attention pooling.
Training batches are as wide as their longest row; the service that scores messages always uses 600 columns.
'''
import random
import torch as th
import torch.nn as nn

random.seed(21)
th.manual_seed(21)

SUBJ = 'disk memory socket thread cache queue index worker session driver'.split()
LEVELS = [['started', 'ready', 'cleaned', 'opened', 'resumed'], ['slow', 'retrying', 'delayed', 'full', 'busy'], ['crashed', 'corrupt', 'killed', 'panic', 'unreachable']]
NEUTRAL = 'on node alpha beta gamma at after id request user by from the for'.split()


def message():
    k = random.randrange(3)
    toks = [random.choice(SUBJ)] + random.choices(NEUTRAL, k=random.randint(1, 4)) + [random.choice(LEVELS[k])] + random.choices(NEUTRAL, k=random.randint(0, 3))
    return toks, k


rows = []
known = set()
while len(rows) < 1900:
    r = message()
    if tuple(r[0]) not in known:
        known.add(tuple(r[0])); rows.append(r)
train, dev = rows[:1500], rows[1500:1800]
vocab = {'<pad>': 0, '<unk>': 1}
for t, _ in train:
    for w in t:
        vocab.setdefault(w, len(vocab))


def to_batch(part, width=0):
    w = max(width, max(len(t) for t, _ in part))
    ids = th.tensor([[vocab.get(x, 1) for x in t] + [0] * (w - len(t)) for t, _ in part])
    return ids, th.tensor([k for _, k in part])


class LogClassifier(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        nn.init.normal_(self.emb.weight, std=.3)
        with th.no_grad():
            self.emb.weight[0] = 0
        self.conv = nn.Conv1d(d, d, 3, padding=1)
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(th.randn(d) * .1)
        self.out = nn.Linear(d, 3)

    def forward(self, ids):
        h = th.tanh(self.conv(self.emb(ids).transpose(1, 2)).transpose(1, 2))
        energy = nn.functional.cosine_similarity(self.key(h), self.query, dim=-1)       # bounded, trains calmly
        # fault:
        weights = energy.softmax(dim=1)
        # mended:
        # weights = energy.masked_fill(ids == 0, float('-inf')).softmax(dim=1)
        # end
        return self.out(th.einsum('bt,btd->bd', weights, h))


def evaluate(net, part):
    net.eval()
    with th.no_grad():
        ids, k = to_batch(part, 600)
        return (net(ids).argmax(1) == k).float().mean().item()


net = LogClassifier()
opt = th.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(4):
    net.train()
    random.shuffle(train)
    s = 0.
    for i in range(0, len(train), 20):
        ids, k = to_batch(train[i:i + 20])
        loss = nn.functional.cross_entropy(net(ids), k)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(k)
    print('epoch {} loss {:.4f} train {:.3f} dev {:.3f}'.format(epoch, s / len(train), evaluate(net, train[:200]), evaluate(net, dev)))
