# Which family of openings does a game belong to?  (first moves in SAN -> A..F)
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

rng = np.random.default_rng(5)
torch.manual_seed(5)
MAIN = {
    "Sicilian": ["c5", "Nf3", "d6", "d4", "cxd4", "Nxd4", "Nf6", "Nc3", "a6", "g6", "Be3"],
    "French": ["e6", "d4", "d5", "Nc3", "Bb4", "e5", "c5", "a3", "Bxc3+", "bxc3", "Ne7"],
    "KingsGambit": ["e5", "f4", "exf4", "Nf3", "g5", "h4", "g4", "Ne5", "Nf6", "Bc4", "d5"],
    "QueensGambit": ["d5", "c4", "e6", "Nc3", "Nf6", "Bg5", "Be7", "e3", "O-O", "Nf3", "Nbd7"],
    "Gruenfeld": ["Nf6", "c4", "g6", "Nc3", "d5", "cxd5", "Nxd5", "e4", "Nxc3", "bxc3", "Bg7"],
    "Slav": ["d5", "c4", "c6", "Nf3", "Nf6", "Nc3", "dxc4", "a4", "Bf5", "e3", "e6"],
}
pieces = ["", "N", "B", "R", "Q", "K"]
RARE = [p + f + r for p in pieces for f in "abcdefgh" for r in "12345678"]
NAMES = list(MAIN)


def game():
    k = int(rng.integers(len(NAMES)))
    line = list(MAIN[NAMES[k]])
    for j in range(len(line)):
        u = rng.random()
        if u < 0.22:
            line[j] = RARE[rng.integers(len(RARE))]
        elif u < 0.40:
            line[j] = MAIN[NAMES[rng.integers(len(NAMES))]][j]
    return ["d4" if k > 2 else "e4"][:int(rng.random() < 0.3)] + line, k


def encode(games, vocab=None):
    flat = np.array([m for g in games for m in g])
    if vocab is None:
        vocab = np.unique(flat)
    where = np.clip(np.searchsorted(vocab, flat), 0, len(vocab) - 1)
    idx = np.where(vocab[where] == flat, where + 2, 1)
    out = np.zeros((len(games), 12), dtype=np.int64)
    p = 0
    for i, g in enumerate(games):
        out[i, :len(g)] = idx[p:p + len(g)]
        p += len(g)
    return torch.from_numpy(out), vocab


data = [game() for _ in range(2600)]
train_games, dev_games = data[:2300], data[2300:]
Xtr, vocab = encode([g for g, _ in train_games])
# fault:
Xde, _ = encode([g for g, _ in dev_games])
# mended:
# Xde, _ = encode([g for g, _ in dev_games], vocab)
# end
ytr = torch.tensor([k for _, k in train_games])
yde = torch.tensor([k for _, k in dev_games])


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(48, len(NAMES))

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill((x == 0)[:, None, :], 0.0)
        return self.out(self.drop(h.amax(2)))


net = Net(len(vocab) + 2)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=50, shuffle=True)
lossf = nn.CrossEntropyLoss()
for ep in range(8):
    net.train()
    tot = hit = 0
    for x, y in loader:
        opt.zero_grad()
        o = net(x)
        l = lossf(o, y)
        l.backward()
        opt.step()
        tot += l.item() * len(y); hit += (o.argmax(1) == y).sum().item()
    net.eval()
    with torch.no_grad():
        o = net(Xde)
    print("epoch %d  train loss %.3f acc %.3f   dev loss %.3f acc %.3f" % (
        ep, tot / len(ytr), hit / len(ytr), lossf(o, yde).item(), (o.argmax(1) == yde).float().mean().item()))
