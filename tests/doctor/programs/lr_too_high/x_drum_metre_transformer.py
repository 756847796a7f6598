# metre classification of symbolic drum loops with a small transformer encoder
# (course project, MIR 2; notebook exported with nbconvert and cleaned up)
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 99
np.random.seed(SEED)
torch.manual_seed(SEED)

# %% data: 24 sixteenth steps, one drum symbol per step
SYMBOLS = ["rest", "kick", "snare", "hat", "open", "tom", "ride"]
METRES = {"4/4": 16, "3/4": 12, "6/8": 6, "5/8": 10}


def loop(metre):
    period = METRES[metre]
    bar = np.random.choice(len(SYMBOLS), period, p=[.35, .08, .08, .3, .05, .06, .08])
    bar[0] = 1
    x = np.resize(bar, 24)
    noise = np.random.rand(24) < 0.04
    x[noise] = np.random.randint(0, len(SYMBOLS), noise.sum())
    x[period // 2] = {"4/4": 2, "3/4": 3, "6/8": 2, "5/8": 6}[metre]
    return x


def dataset(n):
    y = np.random.randint(0, 4, n)
    x = np.stack([loop(list(METRES)[k]) for k in y])
    return TensorDataset(torch.from_numpy(x).long(), torch.from_numpy(y).long())


train_loader = DataLoader(dataset(1200), batch_size=48, shuffle=True)
test_loader = DataLoader(dataset(400), batch_size=200)


# %% model
class MetreNet(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(len(SYMBOLS), d)
        self.pos = nn.Parameter(0.5 * torch.randn(1, 24, d))
        self.block = nn.TransformerEncoderLayer(d, 2, dim_feedforward=64, dropout=0.0, batch_first=True)
        self.flat = nn.Linear(24 * d, 32)
        self.cls = nn.Linear(32, len(METRES))

    def forward(self, x):
        h = self.block(self.tok(x) + self.pos)
        return self.cls(torch.relu(self.flat(h.flatten(1))))


net = MetreNet()
# fault:
optimizer = torch.optim.Adam(net.parameters(), lr=0.5)
# mended:
# optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
# end
loss_fn = nn.CrossEntropyLoss()

# %% training
for epoch in range(5):
    net.train()
    seen, loss_sum, right = 0, 0.0, 0
    for x, y in train_loader:
        optimizer.zero_grad()
        out = net(x)
        loss = loss_fn(out, y)
        loss.backward()
        optimizer.step()
        seen += len(y)
        loss_sum += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(f"Epoch {epoch + 1}: loss {loss_sum / seen:.3f}, train acc {right / seen:.3f}, test acc {hits / 400:.3f}")
