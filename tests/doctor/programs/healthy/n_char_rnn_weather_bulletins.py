# char-rnn, after the famous blog post. The text: weather bulletins of an imaginary archipelago.
import numpy as np, torch, torch.nn as nn, math

rng = np.random.RandomState(11)
torch.manual_seed(11)

isles = ['sorna', 'velm', 'tarsk', 'obrin', 'little quay']
winds = ['north', 'south', 'east', 'west']
skies = ['clear', 'cloudy', 'foggy', 'rain later', 'snow on high ground']

def bulletin():
    place, w, sky = rng.choice(isles), rng.choice(winds), rng.choice(skies)
    line = f"{place}: wind {w}erly {rng.randint(2, 9)}, {sky}."
    if sky == 'foggy':
        line += ' ships beware.'
    return line + '\n'

def corpus(n):
    return ''.join(bulletin() for _ in range(n))

train_text, valid_text = corpus(1100), corpus(150)
chars = sorted(set(train_text))
c2i = {c: i for i, c in enumerate(chars)}
encode = lambda s: torch.from_numpy(np.array([c2i[c] for c in s], dtype=np.int64))
print(f'{len(train_text)} characters, {len(chars)} distinct')

def streams(data, b):
    n = len(data) // b
    return data[:n * b].view(b, n).t().contiguous()      # time runs down, one stream in each column

BPTT = 40
tr, va = streams(encode(train_text), 32), streams(encode(valid_text), 8)


class CharRNN(nn.Module):
    def __init__(self, n, hidden=56):
        super().__init__()
        self.n = n
        self.rnn = nn.GRU(n, hidden)              # one-hot input, no embedding at all
        self.readout = nn.Linear(hidden, n)

    def forward(self, x, h=None):
        o, h = self.rnn(nn.functional.one_hot(x, self.n).float(), h)
        return self.readout(o), h


def batches(s):
    for i in range(0, s.size(0) - 1, BPTT):
        L = min(BPTT, s.size(0) - 1 - i)
        yield s[i:i + L], s[i + 1:i + 1 + L]


net = CharRNN(len(chars))
opt = torch.optim.RMSprop(net.parameters(), lr=6e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.55)
xent = nn.CrossEntropyLoss()


@torch.no_grad()
def bits(s):
    net.eval()
    h, tot, n = None, 0.0, 0
    for x, y in batches(s):
        o, h = net(x, h)
        tot += xent(o.view(-1, net.n), y.reshape(-1)).item() * y.numel()
        n += y.numel()
    return tot / n / math.log(2)


@torch.no_grad()
def sample(n=90, temperature=0.7):
    net.eval()
    x, h, s = torch.tensor([[c2i['\n']]]), None, ''
    for _ in range(n):
        o, h = net(x, h)
        p = (o[-1, 0] / temperature).softmax(0)
        x = torch.multinomial(p, 1).view(1, 1)
        s += chars[x.item()]
    return s


for epoch in range(5):
    net.train()
    h, smooth = None, None
    for x, y in batches(tr):
        if h is not None:
            h = h.detach()                       # truncated backpropagation through time
        out, h = net(x, h)
        loss = xent(out.view(-1, net.n), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 1.0)
        opt.step()
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
    decay.step()
    print(f'epoch {epoch + 1}: train loss {smooth:.3f} nats, valid {bits(va):.3f} bits/char')

print('train %.3f bits, valid %.3f bits, uniform %.3f bits' % (bits(tr), bits(va), math.log2(len(chars))))
print('--- sample ---')
print(sample())
