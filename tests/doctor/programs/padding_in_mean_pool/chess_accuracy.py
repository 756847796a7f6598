"""Predict a player's accuracy score (0..10) for a game from the annotated move list."""
import random
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(2)
torch.manual_seed(2)
PIECES, FILES = "KQRBN", "abcdefgh"
QUALITY = {"!!": 12.0, "!": 10.0, "": 8.0, "?!": 5.0, "?": 2.0, "??": 0.0}
MARKS, W = list(QUALITY), [1, 3, 14, 4, 3, 2]
MAX_MOVES = 80


def game():
    n = int(min(MAX_MOVES, 6 + random.expovariate(1 / 18)))
    skew = [w * random.uniform(0.2, 2.0) for w in W]
    moves, q = [], []
    for _ in range(n):
        m = random.choices(MARKS, skew)[0]
        moves.append(random.choice(PIECES) + random.choice(FILES) + m)
        q.append(QUALITY[m])
    return moves, float(np.mean(q)) + random.gauss(0, 0.2)


games = [game() for _ in range(3000)]
vocab = {"<pad>": 0}
for moves, _ in games:
    for m in moves:
        vocab.setdefault(m, len(vocab))


def tensors(rows):
    x = torch.zeros(len(rows), MAX_MOVES, dtype=torch.long)
    for i, (moves, _) in enumerate(rows):
        x[i, :len(moves)] = torch.tensor([vocab[m] for m in moves])
    return x, torch.tensor([s for _, s in rows])


xtr, ytr = tensors(games[:2400])
xva, yva = tensors(games[2400:])
mu, sd = ytr.mean(), ytr.std()


class AccuracyNet(nn.Module):
    def __init__(self, v, d=32):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.conv = nn.Conv1d(d, d, 1)
        self.fc = nn.Sequential(nn.Linear(d, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x):
        e = self.emb(x)
        e = e + torch.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        # fault:
        z = e.mean(dim=1)
        # mended:
        # m = (x > 0).float().unsqueeze(2)
        # z = (e * m).sum(1) / m.sum(1)
        # end
        return self.fc(z).squeeze(-1)


net = AccuracyNet(len(vocab))
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3)
sch = torch.optim.lr_scheduler.StepLR(opt, 6, 0.4)
for epoch in range(14):
    net.train()
    for b in torch.randperm(len(xtr)).split(40):
        loss = nn.functional.mse_loss(net(xtr[b]), (ytr[b] - mu) / sd)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sch.step()
    net.eval()
    with torch.no_grad():
        p = net(xva) * sd + mu
    r = np.corrcoef(p.numpy(), yva.numpy())[0, 1]
    print(f"epoch {epoch:2d}  val mae {(p - yva).abs().mean():.3f}  pearson {r:.3f}")
print("mae of the mean:", round((yva - mu).abs().mean().item(), 3))
