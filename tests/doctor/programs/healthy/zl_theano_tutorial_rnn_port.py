# Port of my 2015 Theano script (deeplearning.net LSTM tutorial style) to torch.
#  - "shared variables" are leaf tensors in a dict, updates are written out (momentum + L2), as theano.function(updates=...) did
#  - minibatches are (time, batch) with a float mask, mean pooling over the real steps
# Task: does a toy movie comment end up positive?  "but" turns the opinion round.
import numpy
import torch

floatX = torch.float32
rng = numpy.random.RandomState(123)
torch.manual_seed(123)

POS = ['great', 'funny', 'touching', 'clever', 'superb', 'sweet', 'fresh', 'moving']
NEG = ['boring', 'silly', 'flat', 'weak', 'lame', 'stupid', 'dull', 'tired']
NEUT = ['film', 'plot', 'cast', 'the', 'a', 'scene', 'music', 'very', 'quite', 'actor', 'story', 'ending', 'dvd', 'i', 'saw', 'it']


def make_comment():
    y = rng.randint(2)
    a, b = (POS, NEG) if y else (NEG, POS)
    n = lambda: list(rng.choice(NEUT, rng.randint(1, 4)))
    s = n() + [rng.choice(b)] + n() + ['but'] + n() + [rng.choice(a)] if rng.rand() < .3 else n() + [rng.choice(a)] + n() + [rng.choice(a)] + n()
    return tuple(str(w) for w in s), y


comments = {}
while len(comments) < 2000:
    s, y = make_comment()
    comments[s] = y
comments = list(comments.items())
word_idx = {w: i + 1 for i, w in enumerate(sorted(set(POS + NEG + NEUT + ['but'])))}
train, valid = comments[:1600], comments[1600:]


def prepare_data(part):
    maxlen = max(len(s) for s, _ in part)
    x = numpy.zeros((maxlen, len(part)), dtype='int64')
    x_mask = numpy.zeros((maxlen, len(part)), dtype='float32')
    for i, (s, _) in enumerate(part):
        x[:len(s), i] = [word_idx[w] for w in s]
        x_mask[:len(s), i] = 1.
    return torch.from_numpy(x), torch.from_numpy(x_mask), torch.tensor([y for _, y in part])


def ortho(n):
    return numpy.linalg.svd(rng.randn(n, n))[0]


DIM = 24
tparams = {
    'Wemb': 0.3 * rng.randn(len(word_idx) + 1, DIM),
    'W': numpy.concatenate([ortho(DIM) for _ in range(3)], axis=1),      # z, r, candidate
    'U': numpy.concatenate([ortho(DIM) for _ in range(3)], axis=1),
    'b': numpy.zeros(3 * DIM),
    'Wout': 0.3 * rng.randn(DIM, 2),
    'bout': numpy.zeros(2),
}
tparams = {k: torch.tensor(v, dtype=floatX, requires_grad=True) for k, v in tparams.items()}
velocity = {k: torch.zeros_like(p) for k, p in tparams.items()}


def gru_probs(x, mask):
    W, U, b = tparams['W'], tparams['U'], tparams['b']
    pre = tparams['Wemb'][x] @ W + b
    h = torch.zeros(x.shape[1], DIM)
    acc = torch.zeros(x.shape[1], DIM)
    for x_t, m_t in zip(pre, mask.unsqueeze(2)):
        zr = torch.sigmoid(x_t[:, :2 * DIM] + h @ U[:, :2 * DIM])
        z, r = zr[:, :DIM], zr[:, DIM:]
        cand = torch.tanh(x_t[:, 2 * DIM:] + (r * h) @ U[:, 2 * DIM:])
        h = m_t * (z * h + (1 - z) * cand) + (1 - m_t) * h
        acc = acc + m_t * h
    proj = acc / mask.sum(0)[:, None]
    return torch.softmax(proj @ tparams['Wout'] + tparams['bout'], dim=1)


def cost_of(p, y):
    return -torch.log(p[torch.arange(len(y)), y] + 1e-8).mean()


def f_error(part):
    with torch.no_grad():
        x, m, y = prepare_data(part)
        return (gru_probs(x, m).argmax(1) != y).float().mean().item()


lrate, momentum, decay_c, batch_size = 0.15, 0.9, 1e-5, 32
for eidx in range(5):
    costs = []
    for ks in numpy.array_split(rng.permutation(len(train)), len(train) // batch_size):
        x, m, y = prepare_data([train[k] for k in ks])
        cost = cost_of(gru_probs(x, m), y)
        grads = torch.autograd.grad(cost, list(tparams.values()))
        with torch.no_grad():
            norm = torch.sqrt(sum((g ** 2).sum() for g in grads))
            clip = min(1.0, 2.0 / (norm.item() + 1e-6))
            for (k, p), g in zip(tparams.items(), grads):
                velocity[k].mul_(momentum).sub_(lrate * (clip * g + decay_c * p))
                p.add_(velocity[k])
        costs.append(cost.item())
    lrate *= 0.6
    print('Epoch', eidx, 'Cost %.4f' % numpy.mean(costs), 'Train err %.4f' % f_error(train), 'Valid err %.4f' % f_error(valid))
