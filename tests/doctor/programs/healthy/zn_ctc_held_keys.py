# CTC: read the typed word off a noisy stream of sensor frames (a key is held for 2-4 frames, pauses in between)
import numpy as np
import torch, torch.nn as nn

g = np.random.default_rng(5)
torch.manual_seed(5)
LETTERS = "abcdefghijklmnop"
PROTO = g.normal(size=(len(LETTERS) + 1, 10)).astype("float32")   # what a key looks like to the sensor; last = nothing

def make(n):
    frames, words = [], []
    for _ in range(n):
        w = g.integers(0, len(LETTERS), g.integers(3, 8))
        seq = []
        for c in w:
            seq += [c] * g.integers(2, 5) + [len(LETTERS)] * g.integers(1, 3)
        x = PROTO[seq] + 0.45 * g.normal(size=(len(seq), 10))
        frames.append(torch.tensor(x, dtype=torch.float32))
        words.append(torch.tensor(w + 1))      # 0 is the blank
    return frames, words

Xtr, Ytr = make(1600)
Xte, Yte = make(200)

class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(10, 48, 5, padding=2)
        self.mix = nn.Conv1d(48, 48, 3, padding=1)
        self.out = nn.Linear(48, len(LETTERS) + 1)
    def forward(self, x):                       # x: time, batch, 10
        h = torch.relu(self.conv(x.permute(1, 2, 0)))
        h = torch.relu(self.mix(h))
        return self.out(h.permute(2, 0, 1)).log_softmax(2)

def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]

def cer(X, Y):
    net.eval()
    err = n = 0
    with torch.no_grad():
        lp = net(nn.utils.rnn.pad_sequence(X))
    for i, (x, y) in enumerate(zip(X, Y)):
        best = lp[:len(x), i].argmax(1).tolist()
        hyp = [c for k, c in enumerate(best) if c and (k == 0 or best[k - 1] != c)]
        err += distance(hyp, y.tolist())
        n += len(y)
    return err / n

net = Reader()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.AdamW(net.parameters(), lr=8e-3)
STEPS_PER_EPOCH, EPOCHS = len(Xtr) // 32, 4
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=STEPS_PER_EPOCH * EPOCHS)
for ep in range(EPOCHS):
    net.train()
    order = torch.randperm(len(Xtr)).view(-1, 32)
    losses = []
    for ids in order.tolist():
        x = nn.utils.rnn.pad_sequence([Xtr[i] for i in ids])
        frames = torch.tensor([len(Xtr[i]) for i in ids])
        target = torch.cat([Ytr[i] for i in ids])
        sizes = torch.tensor([len(Ytr[i]) for i in ids])
        loss = ctc(net(x), target, frames, sizes)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        losses.append(loss.item())
    print(f"epoch {ep} ctc {np.mean(losses):.3f} | CER train {cer(Xtr[:200], Ytr[:200]):.3f} test {cer(Xte, Yte):.3f}")
