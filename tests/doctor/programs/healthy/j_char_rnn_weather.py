"""
char-rnn after Karpathy's min-char-rnn, course version in torch
the corpus is one long stream of shipping forecasts; hidden state runs on from chunk to chunk (truncated BPTT),
that is why the chunks are NOT shuffled
"""
import random
import torch
import torch.nn as nn

random.seed(1)
torch.manual_seed(1)

areas = ['viking', 'forties', 'cromarty', 'forth', 'tyne', 'dogger', 'fisher', 'humber', 'thames', 'dover', 'wight']
winds = ['north', 'south', 'east', 'west', 'northeast', 'southwest', 'variable']


def forecast():
    lo = random.randint(2, 7)
    s = '%s. %s %d to %d. ' % (random.choice(areas), random.choice(winds), lo, lo + 2)
    s += random.choice(['rain', 'showers', 'fog', 'fair']) + '. ' + random.choice(['good', 'moderate', 'poor']) + '.\n'
    return s


train_text = ''.join(forecast() for _ in range(1500))
valid_text = ''.join(forecast() for _ in range(250))
chars = sorted(set(train_text))
c2i = {c: i for i, c in enumerate(chars)}

hidden_size, seq_length, streams, learning_rate = 64, 25, 16, 1e-2


def to_streams(text):
    t = torch.tensor([c2i[c] for c in text])
    n = (len(t) - 1) // streams
    return t[:n * streams].view(streams, n).t(), t[1:n * streams + 1].view(streams, n).t()    # time first


class CharRNN(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.v = v
        self.rnn = nn.LSTM(v, hidden_size)
        self.out = nn.Linear(hidden_size, v)

    def forward(self, x, state):
        y, state = self.rnn(nn.functional.one_hot(x, self.v).float(), state)   # one-hot in, no embedding
        return self.out(y), state


model = CharRNN(len(chars))
optim = torch.optim.RMSprop(model.parameters(), lr=learning_rate)
lossf = nn.CrossEntropyLoss()


@torch.no_grad()
def bits(text):
    x, y = to_streams(text)
    out, _ = model(x, None)
    return lossf(out.reshape(-1, len(chars)), y.reshape(-1)).item() / 0.6931


@torch.no_grad()
def sample(n, seed='\n'):
    s, state, x = '', None, torch.tensor([[c2i[seed]]])
    for _ in range(n):
        o, state = model(x, state)
        x = torch.multinomial(o[0].softmax(-1), 1)
        s += chars[x.item()]
    return s


X, Y = to_streams(train_text)
print(len(chars), 'symbols,', X.shape[0], 'steps x', streams, 'streams')
for epoch in range(4):
    if epoch >= 2:
        for g in optim.param_groups:
            g['lr'] = learning_rate * 0.3 ** (epoch - 1)
    state, smooth = None, None
    for p in range(0, X.shape[0], seq_length):
        out, state = model(X[p:p + seq_length], state)
        state = tuple(s.detach() for s in state)          # keep the memory, cut the graph
        loss = lossf(out.reshape(-1, len(chars)), Y[p:p + seq_length].reshape(-1))
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 5)
        optim.step()
        smooth = loss.item() if smooth is None else .95 * smooth + .05 * loss.item()
    print('epoch', epoch, 'smooth loss %.3f' % smooth, 'bits/char train %.3f valid %.3f' % (bits(train_text[:20000]), bits(valid_text)))
print('----\n' + sample(160))
