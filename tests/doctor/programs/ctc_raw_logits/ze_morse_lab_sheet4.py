"""Lab sheet 4, exercise 2 -- keyed Morse to text.

The receiver samples the key line at a fixed rate; every sample is one of
  0 = silence (also what fills up the batch), 1 = carrier on.
Operators are not metronomes, so dot/dash lengths jitter.  We train a small
conv net with CTC and report the character error rate on fresh messages.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

MORSE = {"a": ".-", "e": ".", "i": "..", "k": "-.-", "m": "--", "n": "-.", "o": "---", "r": ".-.",
         "s": "...", "t": "-"}
ALPHA = sorted(MORSE)
rng = np.random.default_rng(11)
torch.manual_seed(11)


def key(word):
    s = [0, 0]
    for c in word:
        for el in MORSE[c]:
            s += [1] * (int(rng.integers(1, 3)) if el == "." else int(rng.integers(4, 6)))
            s += [0]
        s += [0] * int(rng.integers(3, 5))
    return s


def messages(n):
    out = []
    for _ in range(n):
        w = [ALPHA[k] for k in rng.integers(len(ALPHA), size=rng.integers(2, 4))]
        out.append((key(w), [ALPHA.index(c) + 1 for c in w]))
    return out


class Receiver(nn.Module):
    def __init__(self, n_sym, h=32):
        super().__init__()
        self.emb = nn.Embedding(2, 8)
        self.c1 = nn.Conv1d(8, h, 9, stride=2, padding=4)
        self.c2 = nn.Conv1d(h, h, 7, padding=3)
        self.c3 = nn.Conv1d(h, h, 7, padding=3)
        self.out = nn.Conv1d(h, n_sym, 1)

    def forward(self, x):
        h = self.emb(x).transpose(1, 2)
        h = F.relu(self.c1(h))
        h = F.relu(self.c2(h))
        h = F.relu(self.c3(h))
        return self.out(h).permute(2, 0, 1)          # (T/2, B, symbols)


def batch(rows):
    T = max(len(s) for s, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor(s)
    in_len = torch.tensor([(len(s) + 1) // 2 for s, _ in rows])
    y = torch.tensor([c for _, t in rows for c in t])
    y_len = torch.tensor([len(t) for _, t in rows])
    return x, in_len, y, y_len


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, cb in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (ca != cb))
    return d[-1]


def cer(net, rows):
    net.eval()
    wrong = total = 0
    with torch.no_grad():
        for k in range(0, len(rows), 100):
            x, il, _, _ = batch(rows[k:k + 100])
            best = net(x).argmax(-1).T
            for p, n, (_, t) in zip(best, il, rows[k:k + 100]):
                q = torch.unique_consecutive(p[:n]).tolist()
                wrong += edit([c for c in q if c], t)
                total += len(t)
    net.train()
    return wrong / total


train = messages(1200)
heard = {tuple(t) for _, t in train}
test = [m for m in messages(600) if tuple(m[1]) not in heard]       # words that were never keyed in training
net = Receiver(len(ALPHA) + 1)
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
ctc = nn.CTCLoss(blank=0)
for epoch in range(7):
    order, run = rng.permutation(len(train)), 0.0
    for k in range(0, len(train), 30):
        x, il, y, yl = batch([train[j] for j in order[k:k + 30]])
        scores = net(x)
        # fault:
        loss = ctc(scores, y, il, yl)
        # mended:
        # loss = ctc(F.log_softmax(scores, dim=-1), y, il, yl)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run += loss.item()
    print(f"epoch {epoch + 1}: ctc {run / 40:8.4f}   CER on test {cer(net, test):.3f}")
