"""Long machine logs (120-300 tokens): does the controller ever report a valve fault *after* a pump restart line?
Each log is cut into overlapping windows of 24 tokens (stride 12), each window is scored by a small CNN and the
log-sum-exp over a log's windows is its score (multiple-instance learning)."""
import numpy as np
import torch
from torch import nn, Tensor

rng = np.random.default_rng(99)
torch.manual_seed(99)
WINDOW, STRIDE = 24, 12
NOISE = [f"evt{i:02d}" for i in range(40)] + ["ok", "idle", "temp", "poll", "sync", "pump", "valve", "restart", "fault"]
VOCAB = ["<blank>"] + NOISE
W2I = {w: i for i, w in enumerate(VOCAB)}


def make_log(positive: bool) -> list[str]:
    n = int(rng.integers(120, 300))
    p = np.ones(len(NOISE)); p[-4:] = .3; p /= p.sum()
    toks = list(rng.choice(NOISE, n, p=p))
    for _ in range(3):                                     # decoys: the same words in other orders
        i = int(rng.integers(0, n - 8))
        toks[i:i + 4] = [["valve", "fault", "pump", "restart"], ["pump", "fault", "ok", "idle"], ["valve", "restart", "ok", "sync"]][int(rng.integers(3))]
    if positive:
        i = int(rng.integers(0, n - 8))
        toks[i:i + 4] = ["pump", "restart", "valve", "fault"]
    return toks


def truth(toks) -> bool:
    return any(toks[i:i + 4] == ["pump", "restart", "valve", "fault"] for i in range(len(toks)))


def windows(toks) -> Tensor:
    ids = [W2I[t] for t in toks]
    ids += [0] * (-(len(ids) - WINDOW) % STRIDE)           # the last window is filled up
    return torch.tensor(ids).unfold(0, WINDOW, STRIDE)


class WindowScorer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(len(VOCAB), 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, kernel_size=4)
        self.score = nn.Linear(32, 1)

    def forward(self, w: Tensor, owner: Tensor, n: int) -> Tensor:
        h = torch.relu(self.conv(self.emb(w).transpose(1, 2))).amax(-1)
        s = self.score(h).squeeze(1)
        top = torch.full((n,), -1e30).scatter_reduce(0, owner, s.detach(), "amax")
        return top + torch.zeros(n).index_add(0, owner, (s - top[owner]).exp()).log()


def collate(rows):
    ws = [w for w, _ in rows]
    owner = torch.repeat_interleave(torch.arange(len(ws)), torch.tensor([len(w) for w in ws]))
    return torch.cat(ws), owner, len(ws), torch.tensor([y for _, y in rows])


logs = [make_log(bool(k % 2)) for k in range(1100)]
data = [(windows(t), float(truth(t))) for t in logs]
train, dev = data[:800], data[800:]
net = WindowScorer()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
EPOCHS = 6
for epoch in range(EPOCHS):
    for grp in opt.param_groups:
        grp["lr"] = 1e-2 * min(1., (EPOCHS - epoch) / 3)
    total, right = 0.0, 0
    for idx in np.array_split(rng.permutation(len(train)), 50):
        *inp, y = collate([train[i] for i in idx])
        out = net(*inp)
        loss = nn.functional.binary_cross_entropy_with_logits(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
        right += ((out > 0) == (y > .5)).sum().item()
    with torch.no_grad():
        *inp, y = collate(dev)
        acc = ((net(*inp) > 0) == (y > .5)).float().mean()
    print(f"epoch {epoch}: bce {total / len(train):.4f} train {right / len(train):.3f} dev {acc:.3f}")
