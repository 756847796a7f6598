"""Voice commands to one of seven actions.  Counts in, two matrices, gradient descent.  Ported from my numpy version."""
import numpy as np
import torch

rs = np.random.RandomState(0)
PHRASES = {
    "lights_on": ["turn on the {r} light", "switch the {r} lamp on", "make it bright in the {r}"],
    "lights_off": ["turn off the {r} light", "switch the {r} lamp off", "make it dark in the {r}"],
    "heat_up": ["make the {r} warmer", "turn up the heat in the {r}", "raise the {r} temperature"],
    "heat_down": ["make the {r} cooler", "turn down the heat in the {r}", "lower the {r} temperature"],
    "play": ["play some music in the {r}", "start the radio in the {r}", "i want a song in the {r}"],
    "stop": ["stop the music in the {r}", "pause the radio in the {r}", "no more songs in the {r}"],
    "timer": ["set an alarm in the {r}", "wake me up in the {r}", "start a countdown in the {r}"],
}
ROOMS = ["kitchen", "bedroom", "hall", "bath", "office", "garage", "attic", "garden"]
NOISE = ["please", "now", "hey", "could", "you", "computer", "quickly", "again", "uh", "okay"]
ACTIONS = sorted(PHRASES)


def utterance():
    y = rs.randint(len(ACTIONS))
    p = PHRASES[ACTIONS[y]][rs.randint(3)].format(r=ROOMS[rs.randint(len(ROOMS))]).split()
    p = [w for w in p if rs.rand() > 0.12] + [NOISE[rs.randint(len(NOISE))] for _ in range(rs.randint(0, 4))]
    return p, y


bag = {}
while len(bag) < 3500:
    said, y = utterance()
    bag.setdefault(tuple(sorted(said)), y)
data = list(bag.items())
vocab = {w: i for i, w in enumerate(sorted({w for p, _ in data[:2800] for w in p}))}
X = np.zeros((len(data), len(vocab)), dtype=np.float32)
for i, (p, _) in enumerate(data):
    for w in p:
        if w in vocab:
            X[i, vocab[w]] += 1
Y = np.array([y for _, y in data])
Xtr, Ytr = torch.from_numpy(X[:2800]), torch.from_numpy(Y[:2800])
Xte, Yte = torch.from_numpy(X[2800:]), torch.from_numpy(Y[2800:])
N, D, H, K = len(Xtr), len(vocab), 24, len(ACTIONS)

# fault:
W1 = torch.full((D, H), 0.05)
W2 = torch.full((H, K), 0.05)
# mended:
# W1 = torch.from_numpy(rs.randn(D, H).astype(np.float32) / D ** 0.5)
# W2 = torch.from_numpy(rs.randn(H, K).astype(np.float32) / H ** 0.5)
# end
b1, b2 = torch.zeros(H), torch.zeros(K)
theta = [W1.requires_grad_(), b1.requires_grad_(), W2.requires_grad_(), b2.requires_grad_()]


def scores(x):
    return torch.tanh(x @ W1 + b1) @ W2 + b2


def nll(x, y):
    s = scores(x)
    s = s - s.max(1, keepdim=True).values
    logp = s - s.exp().sum(1, keepdim=True).log()
    return -logp[torch.arange(len(y)), y].mean()


velocity = [torch.zeros_like(t) for t in theta]
eta, mu = 0.1, 0.9
for epoch in range(30):
    order = torch.from_numpy(rs.permutation(N))
    for start in range(0, N, 50):
        pick = order[start:start + 50]
        loss = nll(Xtr[pick], Ytr[pick])
        grads = torch.autograd.grad(loss, theta)
        with torch.no_grad():
            for t, g, v in zip(theta, grads, velocity):
                v.mul_(mu).sub_(eta * g)
                t.add_(v)
    if epoch % 5 == 4:
        with torch.no_grad():
            acc = lambda x, y: (scores(x).argmax(1) == y).float().mean().item()
            print("epoch %2d  loss %.4f  train %.3f  test %.3f" % (epoch + 1, nll(Xtr, Ytr).item(), acc(Xtr, Ytr), acc(Xte, Yte)))
with torch.no_grad():
    table = np.zeros((K, K), dtype=int)
    np.add.at(table, (Yte.numpy(), scores(Xte).argmax(1).numpy()), 1)
print(table)
