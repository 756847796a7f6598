# Reads noisy Morse-like key signals with a small convolutional net and CTC.  (T, B, C) layout as the docs of CTCLoss have it.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(10)
torch.manual_seed(10)
CODE = {"e": ".", "t": "-", "i": "..", "a": ".-", "n": "-.", "m": "--"}
LETTERS = "_" + "".join(CODE)        # 0 = blank


def play(word):
    x = []
    for c in word:
        for s in CODE[c]:
            x += [1.0] * (1 if s == "." else 2) + [0.0]
        x += [0.0]
    return np.array(x) + rng.normal(0, 0.12, len(x))


def make(n):
    out = []
    for _ in range(n):
        word = "".join(rng.choice(list(CODE), rng.randint(2, 5)))
        out.append((torch.tensor(play(word), dtype=torch.float32), torch.tensor([LETTERS.index(c) for c in word])))
    return out


train, test = make(1600), make(300)


class Reader(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(1, h, 7, padding=3), nn.ReLU(), nn.Conv1d(h, h, 7, padding=3), nn.ReLU(),
                                 nn.Conv1d(h, len(LETTERS), 1))

    def forward(self, sig):                          # silence after the end reads like silence within
        return self.net(sig.t().unsqueeze(1)).permute(2, 0, 1).log_softmax(-1)          # T, B, C


def batch(rows):
    sig = nn.utils.rnn.pad_sequence([r[0] for r in rows])
    return sig, torch.tensor([len(r[0]) for r in rows]), torch.cat([r[1] for r in rows]), torch.tensor([len(r[1]) for r in rows])


def greedy(logp, lens):
    for b, path in enumerate(logp.argmax(-1).t()):
        path = path[:lens[b]].tolist()
        yield [p for i, p in enumerate(path) if p and (i == 0 or path[i - 1] != p)]


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def error_rate(rows):
    net.eval()
    with torch.no_grad():
        sig, lens, _, _ = batch(rows)
        hyp = list(greedy(net(sig), lens))
    return sum(distance(h, r[1].tolist()) for h, r in zip(hyp, rows)) / sum(len(r[1]) for r in rows)


net = Reader()
ctc = nn.CTCLoss(blank=0)
EPOCHS, B = 6, 32
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, total_steps=EPOCHS * len(train) // B)
for ep in range(EPOCHS):
    net.train()
    tot = 0.0
    order = rng.permutation(len(train))
    for k in range(0, len(train), B):
        sig, lens, tgt, tlens = batch([train[i] for i in order[k:k + B]])
        loss = ctc(net(sig), tgt, lens, tlens)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step(); sched.step()
        tot += loss.item() * B
    print(f"epoch {ep + 1} ctc {tot / len(train):.4f} letter error test {error_rate(test):.4f}")
print(f"letter error train {error_rate(train[:300]):.4f}")
