# char-level LM on image captions; port of an old Lua script. Reports bits per character.
import gzip, math, os
import torch
from torch import nn

class opt:
    rnn_size = 48
    seq_length = 32
    batch_size = 32
    learning_rate = 1e-2
    max_iters = 200
    eval_every = 50
    grad_clip = 5.0
    seed = 123

torch.manual_seed(opt.seed)

def load(part, n):
    f = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k', part + '.en.gz')
    with gzip.open(f, 'rt', encoding='utf-8') as h:
        lines = [next(h).strip().lower() for _ in range(n)]
    keep = set('abcdefghijklmnopqrstuvwxyz ,.')
    return '\n'.join(''.join(c for c in l if c in keep) for l in lines) + '\n'

text, vtext = load('train', 4000), load('val', 150)
chars = sorted(set(text))
char_to_ix = {c: i for i, c in enumerate(chars)}
V = len(chars)

def tensor(t):
    return torch.tensor([char_to_ix[c] for c in t if c in char_to_ix])

stream = tensor(text)
n = len(stream) // opt.batch_size * opt.batch_size
stream = stream[:n].view(opt.batch_size, -1)            # each row goes on reading where it stopped
valid = tensor(vtext)
nv = len(valid) // 16 * 16
valid = valid[:nv].view(16, -1)

class CharRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Embedding(V, 32)
        self.rnn = nn.GRU(32, opt.rnn_size, batch_first=True)
        self.dec = nn.Linear(opt.rnn_size, V)
    def forward(self, x, h=None):
        y, h = self.rnn(self.enc(x), h)
        return self.dec(y), h

protos = CharRNN()
crit = nn.CrossEntropyLoss()
optim = torch.optim.RMSprop(protos.parameters(), lr=opt.learning_rate, alpha=0.95)

def bits():
    protos.eval()
    with torch.no_grad():
        logits, _ = protos(valid[:, :-1])
        l = crit(logits.reshape(-1, V), valid[:, 1:].reshape(-1)).item()
    protos.train()
    return l / math.log(2)

print('vocab', V, 'uniform bpc %.3f' % math.log2(V), 'start bpc %.3f' % bits())
pos, h, smooth = 0, None, None
for it in range(1, opt.max_iters + 1):
    if pos + opt.seq_length + 1 > stream.size(1):
        pos, h = 0, None
    x = stream[:, pos:pos + opt.seq_length]
    y = stream[:, pos + 1:pos + opt.seq_length + 1]
    pos += opt.seq_length
    logits, h = protos(x, h)
    h = h.detach()
    loss = crit(logits.reshape(-1, V), y.reshape(-1))
    # fault:
    loss = loss.clamp(max=3.0)
    # mended:
    # end
    optim.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(protos.parameters(), opt.grad_clip)
    optim.step()
    if it == opt.max_iters * 3 // 4:
        for group in optim.param_groups:
            group['lr'] *= 0.3
    smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
    if it % opt.eval_every == 0:
        print('iter %d train %.3f bpc, valid %.3f bpc' % (it, smooth / math.log(2), bits()))
