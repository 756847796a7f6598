"""CTC toy: read words from noisy key-press "frames" (each key held for 1-3 frames, pauses in between)."""
import itertools
import numpy as np
import torch
import torch.nn as nn

np.random.seed(7)
torch.manual_seed(7)
CHARS = "abcdefghij"
BLANK = len(CHARS)
FEAT = 12
proto = np.random.randn(len(CHARS), FEAT)
rest = np.random.randn(FEAT) * 0.3


def sample():
    word = np.random.randint(0, len(CHARS), np.random.randint(2, 6))
    frames, prev = [rest], None
    for c in word:
        if c == prev or np.random.rand() < 0.4:
            frames.append(rest)
        frames += [proto[c]] * np.random.randint(1, 4)
        prev = c
    frames.append(rest)
    x = np.array(frames)
    return (x + 0.38 * np.random.randn(*x.shape)).astype("float32"), word


train_set = [sample() for _ in range(2400)]
test_set = [sample() for _ in range(300)]


def batch_of(items):
    n = [len(x) for x, _ in items]
    X = torch.zeros(max(n), len(items), FEAT)                 # (T, B, F)
    for b, (x, _) in enumerate(items):
        X[:n[b], b] = torch.from_numpy(x)
    targets = torch.from_numpy(np.concatenate([w for _, w in items]))
    return X, targets, torch.tensor(n), torch.tensor([len(w) for _, w in items])


class Reader(nn.Module):
    def __init__(self, h=40):
        super().__init__()
        self.inp = nn.Linear(FEAT, h)
        self.ctx = nn.Linear(3 * h, h)
        self.out = nn.Linear(h, len(CHARS) + 1)

    def forward(self, X, n):
        live = (torch.arange(X.size(0)).unsqueeze(1) < n).unsqueeze(2)
        h = torch.relu(self.inp(X)) * live
        z = torch.zeros_like(h[:1])
        h = torch.cat([torch.cat([z, h[:-1]]), h, torch.cat([h[1:], z])], 2)
        return self.out(torch.relu(self.ctx(h))).log_softmax(2)


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            last, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, last + (x != y))
    return d[-1]


def error_rate(items):
    net.eval()
    X, _, n, _ = batch_of(items)
    with torch.no_grad():
        best = net(X, n).argmax(2)
    edits = total = exact = 0
    for b, (_, word) in enumerate(items):
        path = best[:n[b], b].tolist()
        hyp = [k for k, _ in itertools.groupby(path) if k != BLANK]
        d = distance(hyp, word.tolist())
        edits += d; total += len(word); exact += d == 0
    return edits / total, exact / len(items)


net = Reader()
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
optimizer = torch.optim.RMSprop(net.parameters(), lr=4e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.6)
for epoch in range(7):
    net.train()
    np.random.shuffle(perm := np.arange(len(train_set)))
    total = 0.0
    for s in range(0, len(perm), 40):
        X, y, n, m = batch_of([train_set[i] for i in perm[s:s + 40]])
        loss = ctc(net(X, n), y, n, m)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        optimizer.step()
        total += loss.item()
    decay.step()
    cer, ex = error_rate(test_set)
    print("epoch %d ctc %.4f  test CER %.3f  exact %.3f" % (epoch + 1, total / (len(perm) / 40), cer, ex))
print("train CER %.3f  exact %.3f" % error_rate(train_set[:300]))
