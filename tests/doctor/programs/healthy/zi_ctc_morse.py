# Morse receiver: 10 ms energy frames -> letters, CTC.  Toy project for the ham radio club.
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(8)
torch.manual_seed(8)
CODE = {"e": ".", "t": "-", "a": ".-", "i": "..", "m": "--", "n": "-.", "s": "...", "o": "---"}
LET = list(CODE)                                  # class 0 is the CTC blank, letters start at 1


def key(word):
    dot = 2
    f = []
    for ch in word:
        for sym in CODE[ch]:
            f += [1.0] * (dot if sym == "." else 3 * dot) + [0.0] * dot
        f += [0.0] * (2 * dot)
    f = np.array(f) + 0.15 * rs.randn(len(f))
    f = np.pad(f, (0, (-len(f)) % 2)).reshape(-1, 2)         # two frames per step
    return torch.tensor(f, dtype=torch.float32), [LET.index(c) + 1 for c in word]


def corpus(n):
    return [key([LET[k] for k in rs.randint(0, len(LET), rs.randint(2, 5))]) for _ in range(n)]


def collate(items):
    T = [len(x) for x, _ in items]
    x = nn.utils.rnn.pad_sequence([x for x, _ in items])      # (T, B, 2)
    tgt = torch.tensor([c for _, w in items for c in w])
    return x, torch.tensor(T), tgt, torch.tensor([len(w) for _, w in items])


class Receiver(nn.Module):
    """three convolutions see about 50 frames, enough for one letter; steps behind the signal are kept at zero"""
    def __init__(self, h=40):
        super().__init__()
        self.c1 = nn.Conv1d(2, h, 5, padding=2)
        self.c2 = nn.Conv1d(h, h, 7, padding=6, dilation=2)
        self.c3 = nn.Conv1d(h, h, 5, padding=6, dilation=3)
        self.out = nn.Linear(h, len(LET) + 1)

    def forward(self, x, T):
        on = (torch.arange(len(x))[None] < T[:, None]).float().unsqueeze(1)      # (B, 1, T)
        z = torch.relu(self.c1(x.permute(1, 2, 0))) * on
        z = torch.relu(self.c2(z)) * on
        z = torch.relu(self.c3(z)) * on
        return self.out(z.permute(2, 0, 1)).log_softmax(-1)


def decode(lp, T):
    best = lp.argmax(-1).T
    res = []
    for row, t in zip(best.tolist(), T.tolist()):
        prev, w = 0, []
        for k in row[:t]:
            if k != prev and k != 0:
                w.append(k)
            prev = k
        res.append(w)
    return res


train, dev = corpus(900), corpus(150)
rx = Receiver()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(rx.parameters(), 0.004)
sch = torch.optim.lr_scheduler.MultiStepLR(opt, [5], 0.3)
for ep in range(8):
    rx.train()
    order, tot = rs.permutation(len(train)), 0
    for i in range(0, len(train), 32):
        x, T, tgt, L = collate([train[j] for j in order[i:i + 32]])
        loss = ctc(rx(x, T), tgt, T, L)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(rx.parameters(), 2.0)
        opt.step()
        tot += loss.item()
    sch.step()
    rx.eval()
    acc = []
    with torch.no_grad():
        for part in (train[:80], dev):
            x, T, _, _ = collate(part)
            acc.append(np.mean([d == w for d, (_, w) in zip(decode(rx(x, T), T), part)]))
    print(f"epoch {ep} ctc {tot / (len(train) / 32):.3f} exact words train {acc[0]:.3f} dev {acc[1]:.3f}")
