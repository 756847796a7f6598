import random
import numpy as np
import torch

# Read out a number ("three hundred and forty two") and predict its value. The words go in back to front (units first),
# rows are padded behind and the state at each row's own last word is gathered. SGD, momentum, warm-up, cosine.

torch.manual_seed(5); random.seed(5)
ONES = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen',
        'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen']
TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

def spell(n):
    w = []
    if n >= 1000: w += [ONES[n // 1000], 'thousand']; n %= 1000
    if n >= 100: w += [ONES[n // 100], 'hundred']; n %= 100
    if n and w: w += ['and']
    if n >= 20: w += [TENS[n // 10]]; n %= 10
    if n: w += [ONES[n]]
    return w

numbers = random.sample(range(1, 4000), 3000)
vocab = {w: i for i, w in enumerate(sorted({w for n in numbers for w in spell(n)}), 1)}
L = 7
x = torch.zeros(len(numbers), L, dtype=torch.long)
length = torch.zeros(len(numbers), dtype=torch.long)
for i, n in enumerate(numbers):
    w = [vocab[v] for v in reversed(spell(n))]
    x[i, :len(w)] = torch.tensor(w); length[i] = len(w)
y = torch.tensor(numbers, dtype=torch.float)
tr, te = slice(0, 2500), slice(2500, None)
mean, std = y[tr].mean(), y[tr].std()
target = ((y - mean) / std).unsqueeze(1)

class Reader(torch.nn.Module):
    def __init__(self, n, d=16, h=32):
        super().__init__()
        self.e = torch.nn.Embedding(n, d, padding_idx=0)
        self.r = torch.nn.GRU(d, h, batch_first=True)
        self.o = torch.nn.Linear(h, 1)
    def forward(self, x, length):
        out, _ = self.r(self.e(x))
        last = out.gather(1, (length - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))).squeeze(1)
        return self.o(last)

net = Reader(len(vocab) + 1)
opt = torch.optim.SGD(net.parameters(), lr=.1, momentum=.9, nesterov=True)
EPOCHS, BS, WARM = 8, 40, 40
total = EPOCHS * 2500 // BS
sched = torch.optim.lr_scheduler.SequentialLR(opt, [
    torch.optim.lr_scheduler.LinearLR(opt, .05, 1., WARM),
    torch.optim.lr_scheduler.CosineAnnealingLR(opt, total - WARM, 1e-3)], [WARM])
huber = torch.nn.SmoothL1Loss(beta=.5)

def report(s):
    net.eval()
    with torch.no_grad():
        p = net(x[s], length[s])
    err = (p - target[s]) * std
    return huber(p, target[s]).item(), err.abs().mean().item(), 1 - (err.square().mean() / (y[s] - y[s].mean()).square().mean()).item()

for ep in range(EPOCHS):
    net.train(); losses = []
    for b in torch.randperm(2500).split(BS):
        opt.zero_grad()
        loss = huber(net(x[b], length[b]), target[b])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step()
        losses.append(loss.item())
    a, b = report(tr), report(te)
    print(f'{ep} loss {np.mean(losses):.5f} | train {a[0]:.5f} mae {a[1]:6.1f} R2 {a[2]:.4f} | test {b[0]:.5f} mae {b[1]:6.1f} R2 {b[2]:.4f}')
