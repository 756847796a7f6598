"""Signal peptide windows: residual CNN with batch norm, SGD with a cyclic rate, evaluation with averaged (EMA) weights."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

rng = np.random.default_rng(64); torch.manual_seed(64)
AA = "ACDEFGHIKLMNPQRSTVWY"
BG = np.array([8.3, 1.4, 5.5, 6.7, 3.9, 7.1, 2.3, 5.9, 5.8, 9.7, 2.4, 4.1, 4.7, 3.9, 5.5, 6.6, 5.3, 6.9, 1.1, 2.9]); BG /= BG.sum()
HYD = np.array([{"L": 9, "A": 5, "V": 4, "I": 3, "F": 3, "W": 1, "C": 1, "G": 1, "S": 1}.get(a, .15) for a in AA]); HYD /= HYD.sum()
LEN = 40


def window(label):
    s = rng.choice(list(AA), LEN, p=BG)
    s[0] = "M"
    start, n = rng.integers(3, 8), rng.integers(8, 13)
    if label:                                   # charged start, hydrophobic core, A-x-A before the cut
        s[1:start][rng.integers(0, start - 1)] = rng.choice(["K", "R"])
        s[start:start + n] = rng.choice(list(AA), n, p=HYD)
        c = start + n + rng.integers(2, 5)
        s[c], s[c + 2] = rng.choice(["A", "V"]), "A"
    elif rng.random() < .5:                     # transmembrane: the same core, further down and without the motif
        a = rng.integers(14, 22)
        s[a:a + n] = rng.choice(list(AA), n, p=HYD)
    return "".join(s)


labels = rng.integers(0, 2, 3000)
seqs = [window(l) for l in labels]
assert len(set(seqs)) == len(seqs)
X = torch.tensor([[AA.index(c) for c in s] for s in seqs])      # all windows have 40 residues
Y = torch.from_numpy(labels)
Xtr, Ytr, Xte, Yte = X[:2500], Y[:2500], X[2500:], Y[2500:]


class Block(nn.Module):
    def __init__(self, ch, k):
        super().__init__()
        self.c, self.n = nn.Conv1d(ch, ch, k, padding=k // 2, bias=False), nn.BatchNorm1d(ch)

    def forward(self, x):
        return x + F.relu(self.n(self.c(x)))


class Net(nn.Module):
    def __init__(self, ch=24):
        super().__init__()
        self.stem = nn.Conv1d(20 + 1, ch, 5, padding=2)
        self.blocks = nn.Sequential(Block(ch, 5), Block(ch, 5))
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(2 * ch, 2))

    def forward(self, x):
        oh = F.one_hot(x, 20).float().transpose(1, 2)
        pos = torch.linspace(-1, 1, LEN).expand(len(x), 1, LEN)
        h = self.blocks(self.stem(torch.cat([oh, pos], 1)))
        return self.head(torch.cat([h.amax(2), h.mean(2)], 1))


net = Net()
ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.97), use_buffers=True)
opt = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9, nesterov=True)
sched = torch.optim.lr_scheduler.CyclicLR(opt, base_lr=0.005, max_lr=0.05, step_size_up=50, mode="triangular2", cycle_momentum=False)


@torch.no_grad()
def accuracy(m, X, Y):
    m.eval()
    return (m(X).argmax(1) == Y).float().mean().item()


for epoch in range(8):
    net.train()
    tot = 0.
    for idx in torch.randperm(len(Xtr)).split(50):
        loss = F.cross_entropy(net(Xtr[idx]), Ytr[idx], label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step(); sched.step()
        ema.update_parameters(net)
        tot += loss.item() / 50
    print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.4f} loss {tot:.4f} train {accuracy(ema, Xtr[:500], Ytr[:500]):.3f} test (raw) {accuracy(net, Xte, Yte):.3f} test (EMA) {accuracy(ema, Xte, Yte):.3f}")
