"""CTC toy: noisy frame sequences (each letter lasts 2-4 frames) -> the letters. No alignment given."""
import torch, random
from torch import nn
random.seed(1); torch.manual_seed(1)
A = 8                       # letters 1..8, 0 is the blank
proto = torch.randn(A + 1, 10)

def make(n):
    xs, ys = [], []
    for _ in range(n):
        w = [random.randint(1, A) for _ in range(random.randint(3, 6))]
        gap = []
        for i, c in enumerate(w):
            gap += [proto[c]] * random.randint(2, 4) + [proto[0]] * random.randint(1, 2)
        x = torch.stack(gap)
        xs.append(x + 0.4 * torch.randn_like(x)); ys.append(torch.tensor(w))
    return xs, ys

def batch(xs, ys):
    return (nn.utils.rnn.pad_sequence(xs), torch.tensor([len(x) for x in xs]),
            torch.cat(ys), torch.tensor([len(y) for y in ys]))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(10, 32, 3, padding=1)
        self.out = nn.Linear(32, A + 1)
    def forward(self, x):                       # (T, B, 10)
        h = torch.relu(self.conv(x.permute(1, 2, 0)))
        return self.out(h.permute(2, 0, 1)).log_softmax(-1)

def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        p, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (x != y))
    return d[-1]

train, test = make(1600), make(200)
net, ctc = Net(), nn.CTCLoss(blank=0, zero_infinity=True)
opt = torch.optim.Adam(net.parameters(), 1e-2)
for ep in range(4):
    order = torch.randperm(1600).tolist(); tot = 0
    for i in range(0, 1600, 32):
        ix = order[i:i + 32]
        x, n, y, m = batch([train[0][k] for k in ix], [train[1][k] for k in ix])
        loss = ctc(net(x), y, n, m)
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 5); opt.step()
        tot += loss.item()
    with torch.no_grad():
        x, n, y, m = batch(*test)
        best = net(x).argmax(-1).T
    err = ref = 0
    for row, k, t in zip(best, n, test[1]):
        s = torch.unique_consecutive(row[:k])
        err += edit(s[s > 0].tolist(), t.tolist()); ref += len(t)
    print(f"epoch {ep} ctc {tot / 50:.3f} letter error rate {err / ref:.3f}")
