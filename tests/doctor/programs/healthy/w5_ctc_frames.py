"""CTC on made-up 'speech': every symbol lasts two to four noisy frames; batches come from an endless generator."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(7)
torch.manual_seed(7)
SYMBOLS, FEAT, BLANK = 8, 10, 0
PROTO = rng.normal(size=(SYMBOLS + 1, FEAT)).astype("float32") * 1.3
PROTO[0] = 0


def utter(r):
    target = r.integers(1, SYMBOLS + 1, size=r.integers(3, 7))
    frames, last = [], 0
    for s in target:
        if s == last or r.random() < .3:
            frames += [0]
        frames += [s] * r.integers(2, 5)
        last = s
    x = PROTO[frames] + r.normal(size=(len(frames), FEAT)).astype("float32") * .35
    return x, target


def stream(r, size):
    while True:
        items = [utter(r) for _ in range(size)]
        n_in = torch.tensor([len(x) for x, _ in items]); n_out = torch.tensor([len(t) for _, t in items])
        x = torch.zeros(size, FEAT, int(n_in.max()))
        for i, (xi, _) in enumerate(items):
            x[i, :, :len(xi)] = torch.from_numpy(xi).T
        yield x, torch.from_numpy(np.concatenate([t for _, t in items])), n_in, n_out


class Acoustic(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.c1 = nn.Conv1d(FEAT, width, 3, padding=1)
        self.c2 = nn.Conv1d(width, width, 1)
        self.out = nn.Conv1d(width, SYMBOLS + 1, 1)

    def forward(self, x):
        h = F.gelu(self.c2(F.gelu(self.c1(x))))
        return self.out(h).permute(2, 0, 1).log_softmax(-1)      # (T, B, C) as ctc_loss wants it


def collapse(path):
    return [int(p) for k, p in enumerate(path) if p != BLANK and (k == 0 or p != path[k - 1])]


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diag, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diag, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diag + (x != y))
    return row[-1]


@torch.no_grad()
def error_rate(net, batch):
    x, t, n_in, n_out = batch
    best = net(x).argmax(-1).T
    wrong = 0
    for p, n, ref in zip(best, n_in, t.split(n_out.tolist())):
        wrong += edits(collapse(p[:n].tolist()), ref.tolist())
    return wrong / len(t)


net = Acoustic()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=240)
source = stream(rng, 32)
held = next(stream(np.random.default_rng(1000), 300))
for step in range(1, 241):
    x, t, n_in, n_out = next(source)
    loss = F.ctc_loss(net(x), t, n_in, n_out, blank=BLANK)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    opt.step(); sched.step()
    if step % 40 == 0:
        print(f"step {step:3d}  ctc {loss.item():.4f}  symbol error rate {error_rate(net, held):.3f}")
