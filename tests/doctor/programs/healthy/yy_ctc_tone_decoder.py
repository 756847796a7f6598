# Decode keypad tones with CTC (no alignment given).  Each key sounds for 2-4 frames, pauses between keys are optional
# unless the same key comes twice.
import torch, torch.nn as nn
torch.manual_seed(42)
g = torch.Generator().manual_seed(42)
KEYS, DIM, NOISE = 6, 7, 0.35
rows = torch.eye(DIM)[:3]; cols = torch.eye(DIM)[3:5]
tones = torch.stack([rows[k % 3] + cols[k // 3] for k in range(KEYS)])       # two frequencies a key, like DTMF
ri = lambda lo, hi: int(torch.randint(lo, hi, (1,), generator=g))

def sample():
    keys = [ri(0, KEYS) for _ in range(ri(3, 7))]
    frames, prev = [], None
    for k in keys:
        if k == prev or ri(0, 2):
            frames += [torch.zeros(DIM)] * ri(1, 3)
        frames += [tones[k]] * ri(2, 5); prev = k
    x = torch.stack(frames)
    return x + NOISE * torch.randn(x.shape, generator=g), torch.tensor(keys) + 1

def collate(items):
    xs, ys = zip(*items)
    return (nn.utils.rnn.pad_sequence(xs), torch.tensor([len(x) for x in xs]),
            torch.cat(ys), torch.tensor([len(y) for y in ys]))

train, test = [sample() for _ in range(1000)], [sample() for _ in range(250)]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(DIM, 24)
        self.gru = nn.GRU(24, 24, bidirectional=True)
        self.out = nn.Linear(48, KEYS + 1)
    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(torch.relu(self.inp(x)), n, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(p)[0])
        return self.out(h).log_softmax(-1)                                   # (T, N, C)

def edit(a, b):
    d = list(range(len(b) + 1))
    for i, u in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, v in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (u != v))
    return d[-1]

def key_error_rate(data):
    net.eval(); err = tot = 0
    with torch.no_grad():
        x, n, y, m = collate(data)
        best = net(x, n).argmax(-1).t()
        for path, t, ref in zip(best, n, y.split(m.tolist())):
            hyp = torch.unique_consecutive(path[:t]).tolist()
            err += edit([k for k in hyp if k], ref.tolist()); tot += len(ref)
    net.train()
    return err / tot

net = Net()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5], 0.3)
for epoch in range(1, 8):
    tot = 0
    for idx in torch.randperm(len(train)).split(40):
        x, n, y, m = collate([train[i] for i in idx])
        loss = ctc(net(x, n), y, n, m)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step(); tot += loss.item() * len(idx)
    sched.step()
    print(f'epoch {epoch} ctc {tot / len(train):.3f} key error rate {key_error_rate(test):.3f}')
print(f'train {key_error_rate(train[:250]):.3f}  test {key_error_rate(test):.3f}')
