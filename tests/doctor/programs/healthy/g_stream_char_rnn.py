"""
min-char-rnn (the famous 112-line gist), moved from numpy to torch tensors.
Differences: 32 streams side by side instead of one, gradients from autograd. Elementwise clip and Adagrad as in the gist.
"""
import numpy as np
import torch

torch.manual_seed(3); rng = np.random.RandomState(3)

# ---- data: a home-made server log -------------------------------------------------------------------
HOSTS = ['alpha', 'bravo', 'cargo', 'delta']
def line():
  h = HOSTS[rng.randint(4)]
  kind = rng.randint(3)
  if kind == 0: return '%s: login ok for user%d\n' % (h, rng.randint(3))
  if kind == 1: return '%s: disk full at %d0 percent\n' % (h, rng.randint(5, 10))
  return '%s: restart in %d minutes\n' % (h, rng.randint(2, 6))
data = ''.join(line() for _ in range(2600))
valid = ''.join(line() for _ in range(300))
chars = sorted(set(data)); vocab_size = len(chars)
ix = {c: i for i, c in enumerate(chars)}
print('data has %d characters, %d unique.' % (len(data), vocab_size))

def streams(text, n):
  a = np.array([ix[c] for c in text]); m = len(a) // n
  return torch.from_numpy(a[:m * n].reshape(n, m).T.copy())      # time x stream
train_s, valid_s = streams(data, 32), streams(valid, 8)

# ---- model ------------------------------------------------------------------------------------------
H, seq_length, learning_rate = 80, 20, 5e-2
Wxh = torch.randn(vocab_size, H) * 0.1
Whh = torch.randn(H, H) * 0.08
Why = torch.randn(H, vocab_size) * 0.1
bh, by = torch.zeros(H), torch.zeros(vocab_size)
params = [Wxh, Whh, Why, bh, by]
for p in params: p.requires_grad = True
mem = [torch.zeros_like(p) for p in params]

def run(xs, ys, h):
  """sum of losses over the chunk; one-hot times Wxh is just a row lookup"""
  hs = []
  for x in xs:
    h = torch.tanh(Wxh[x] + h @ Whh + bh)
    hs.append(h)
  lp = torch.log_softmax(torch.stack(hs) @ Why + by, -1)
  return -lp.gather(2, ys[..., None]).mean(), h

def bits(s):
  with torch.no_grad():
    l, _ = run(s[:-1], s[1:], torch.zeros(s.shape[1], H))
  return l.item() / np.log(2)

def sample(n):
  h, x, out = torch.zeros(1, H), torch.tensor([ix['\n']]), []
  with torch.no_grad():
    for _ in range(n):
      h = torch.tanh(Wxh[x] + h @ Whh + bh)
      x = torch.multinomial(torch.softmax((h @ Why + by)[0], 0), 1)
      out.append(chars[x.item()])
  return ''.join(out)

f = np.bincount(train_s.numpy().ravel()) / train_s.numel()
print('order-0 entropy: %.3f bits' % -(f * np.log2(f)).sum())
smooth = -np.log(1.0 / vocab_size)
n = 0
for epoch in range(4):
  hprev = torch.zeros(32, H)                                     # reset RNN memory at the start of the data
  lr = learning_rate if epoch < 3 else learning_rate * 0.3
  for p0 in range(0, len(train_s) - seq_length - 1, seq_length):
    loss, hprev = run(train_s[p0:p0 + seq_length], train_s[p0 + 1:p0 + seq_length + 1], hprev)
    hprev = hprev.detach()
    for p in params: p.grad = None
    loss.backward()
    for p, m in zip(params, mem):
      g = p.grad.clamp(-5, 5)
      m += g * g
      p.data -= lr * g / torch.sqrt(m + 1e-8)
    smooth = smooth * 0.98 + loss.item() * 0.02
    n += 1
  print('epoch %d iter %d, smooth loss %.4f, valid %.3f bits/char (train %.3f)' % (epoch, n, smooth, bits(valid_s), bits(train_s[:1500])))
print('----\n' + sample(160))
