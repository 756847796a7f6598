# Prototypical networks (Snell et al. 2017) for intent recognition: new intents from three examples.
import numpy as np
import torch
from torch import nn

rng = np.random.RandomState(0)
torch.manual_seed(0)

actions = {
    'buy': ['buy', 'purchase', 'order', 'acquire'], 'cancel': ['cancel', 'abort', 'stop', 'revoke'],
    'find': ['find', 'locate', 'search', 'discover'], 'rate': ['rate', 'review', 'judge', 'score'],
    'share': ['share', 'forward', 'send', 'post'], 'fix': ['fix', 'repair', 'mend', 'restore'],
    'compare': ['compare', 'contrast', 'weigh', 'match'], 'rent': ['rent', 'lease', 'borrow', 'hire'],
}
objects = {
    'ticket': ['ticket', 'pass', 'seat'], 'song': ['song', 'track', 'tune'], 'car': ['car', 'vehicle', 'auto'],
    'flat': ['flat', 'apartment', 'room'], 'phone': ['phone', 'mobile', 'handset'], 'meal': ['meal', 'dinner', 'lunch'],
    'movie': ['movie', 'film', 'picture'], 'book': ['book', 'novel', 'paperback'], 'shoe': ['shoe', 'boots', 'sneaker'],
    'doctor': ['doctor', 'physician', 'gp'],
}
filler = ('please could you i want to would like the a some for me now today tomorrow quickly maybe again my '
          'thanks hey ok so well just really this that one').split()
words = sorted({w for d in (actions, objects) for v in d.values() for w in v} | set(filler))
w2i = {w: i for i, w in enumerate(words)}


def utterance(a, o):
    f = list(rng.choice(filler, 6, replace=False))
    k = rng.randint(1, 4)
    return f[:k] + [rng.choice(actions[a])] + f[k:5] + [rng.choice(objects[o])] + f[5:]


intents = [(a, o) for a in actions for o in objects]
rng.shuffle(intents)
intents = [tuple(i) for i in intents]
meta_train, meta_test = intents[:60], intents[60:]
bank = {c: np.array([[w2i[w] for w in utterance(*c)] for _ in range(24)]) for c in intents}


class Encoder(nn.Module):
    def __init__(self, v, d=32):
        super().__init__()
        self.E = nn.Embedding(v, d)
        self.proj = nn.Sequential(nn.Linear(d, 64), nn.Tanh())
        self.gate = nn.Linear(d, 1)

    def forward(self, x):                                # every utterance has eight words
        e = self.E(x)
        return (torch.sigmoid(self.gate(e)) * self.proj(e)).sum(1)


def episode(classes, way, shot, query):
    picked = [classes[i] for i in rng.choice(len(classes), way, replace=False)]
    s, q = [], []
    for c in picked:
        idx = rng.permutation(len(bank[c]))[:shot + query]
        s.append(bank[c][idx[:shot]])
        q.append(bank[c][idx[shot:]])
    return torch.from_numpy(np.stack(s)), torch.from_numpy(np.stack(q))


def run(net, classes, way=10, shot=3, query=5):
    s, q = episode(classes, way, shot, query)
    z = net(torch.cat([s.reshape(-1, 8), q.reshape(-1, 8)]))
    proto = z[:way * shot].view(way, shot, -1).mean(1)   # the class means of this episode
    d2 = torch.cdist(z[way * shot:], proto).pow(2)
    y = torch.arange(way).repeat_interleave(query)
    logp = torch.log_softmax(-d2, dim=1)
    return -logp[torch.arange(len(y)), y].mean(), (logp.argmax(1) == y).float().mean().item()


net = Encoder(len(words))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)


def evaluate(classes, n=20):
    with torch.no_grad():
        return float(np.mean([run(net, classes)[1] for _ in range(n)]))


print('10-way 3-shot, new intents, untrained: %.3f' % evaluate(meta_test))
hist = []
for it in range(1, 321):
    loss, acc = run(net, meta_train)
    opt.zero_grad(); loss.backward(); opt.step()
    hist.append((loss.item(), acc))
    if it % 80 == 0:
        l, a = np.mean(hist[-80:], 0)
        print('episode %d loss %.3f acc %.3f' % (it, l, a))
print('known intents %.3f' % evaluate(meta_train), 'new intents %.3f' % evaluate(meta_test))
