# Workshop demo: spoken digit spotting from (simulated) filterbank frames with a GRU.
import math
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
N_CLASSES, N_MEL, FRAMES = 10, 13, 24

# one smooth spectral trajectory per keyword, speaker offset and noise on top
proto = torch.randn(N_CLASSES, 4, N_MEL)


def utterances(n):
    y = torch.randint(0, N_CLASSES, (n,))
    speed = 0.8 + 0.4 * torch.rand(n, 1)
    t = torch.linspace(0, 1, FRAMES)[None] * speed
    basis = torch.stack([torch.cos(math.pi * k * t) for k in range(4)], -1)       # n x T x 4
    x = basis @ proto[y]
    x = x + 0.5 * torch.randn(n, 1, N_MEL) + 0.8 * torch.randn(n, FRAMES, N_MEL)
    return x, y


xtr, ytr = utterances(1500)
xte, yte = utterances(400)
mu, sd = xtr.mean((0, 1)), xtr.std((0, 1))
xtr, xte = (xtr - mu) / sd, (xte - mu) / sd


class Spotter(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(N_MEL, 32, batch_first=True)
        self.norm = nn.LayerNorm(32)
        self.top = nn.Linear(32, N_CLASSES)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.top(self.norm(h.mean(1)))


net = Spotter()
ce = nn.CrossEntropyLoss()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-3)
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=50, shuffle=True)

for epoch in range(1, 7):
    net.train()
    seen = total = 0.0
    for x, y in loader:
        loss = ce(net(x), y)
        # fault:
        loss = torch.clamp(loss, 0.0, 1.5)      # mislabelled clips must not dominate an update
        # mended:
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        total += loss.item() * len(y); seen += len(y)
    net.eval()
    with torch.no_grad():
        wrong = (net(xte).argmax(-1) != yte).float().mean().item()
    print("epoch %d | train loss %.4f | test error %.1f%%" % (epoch, total / seen, 100 * wrong))
