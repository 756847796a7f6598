"""CTC: key-sensor frames (several frames per key, noise between keys) -> typed word."""
import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(12)
rng = np.random.default_rng(12)
ALPHA = "abcdefghij"
BLANK = 0
PROTO = rng.normal(size=(len(ALPHA), 8)).astype("float32")


def record():
    word = rng.integers(0, len(ALPHA), rng.integers(3, 8))
    frames = []
    for c in word:
        for _ in range(rng.integers(1, 4)):
            frames.append(PROTO[c] + rng.normal(0, 0.35, 8))
        for _ in range(rng.integers(1, 3)):
            frames.append(rng.normal(0, 0.35, 8))
    return torch.tensor(np.array(frames), dtype=torch.float32), torch.tensor(word + 1)


recs = [record() for _ in range(1500)]
train, test = recs[:1300], recs[1300:]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(8, 32, 3, padding=1)
        self.head = nn.Conv1d(32, len(ALPHA) + 1, 1)

    def forward(self, x):                       # B, T, 8
        z = self.head(torch.relu(self.conv(x.transpose(1, 2))))
        return z.permute(2, 0, 1).log_softmax(-1)        # T, B, C


net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)
ctc = nn.CTCLoss(blank=BLANK)


def make(batch):
    xs, ys = zip(*batch)
    return (pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]),
            torch.cat(ys), torch.tensor([len(y) for y in ys]))


def greedy(logp, n):
    best = logp[:n].argmax(-1).tolist()
    return [k for i, k in enumerate(best) if k != BLANK and (i == 0 or k != best[i - 1])]


def exact(rows):
    net.eval()
    x, xl, _, _ = make(rows)
    with torch.no_grad():
        lp = net(x)
    return np.mean([greedy(lp[:, i], xl[i]) == rows[i][1].tolist() for i in range(len(rows))])


for epoch in range(6):
    net.train()
    order, losses = rng.permutation(len(train)), []
    for i in range(0, len(train), 20):
        x, xl, y, yl = make([train[j] for j in order[i:i + 20]])
        loss = ctc(net(x), y, xl, yl)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {epoch}: ctc {np.mean(losses):.3f} exact train {exact(train[:200]):.3f} test {exact(test):.3f}")
