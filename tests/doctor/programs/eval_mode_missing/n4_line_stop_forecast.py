# Which stop comes next on the packaging line? (event codes of the last shift -> family of the next stop)
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader

torch.set_num_threads(1)
torch.manual_seed(77); np.random.seed(77); random.seed(77)

N_CODES, WINDOW = 180, 14
FAMILIES = ["jam", "film", "sensor", "operator", "upstream"]
g = np.random.default_rng(77)
FAMILY_OF = g.integers(0, 5, N_CODES)          # a hidden fact of the plant
BY_FAMILY = [np.where(FAMILY_OF == k)[0].tolist() for k in range(5)]
LINES = ["A", "B", "C", "D"]


def shift(line):
    """one shift of one line; lines have favourite families"""
    base = np.ones(5)
    base[LINES.index(line)] += 0.5
    mood = g.dirichlet(base * 0.6)
    fam = g.choice(5, WINDOW, p=mood)
    codes = np.array([random.choice(BY_FAMILY[k]) if random.random() < .8 else random.randrange(N_CODES) for k in fam])
    recency = np.linspace(.5, 1.5, WINDOW)
    votes = np.zeros(5)
    for c, r in zip(codes, recency):
        votes[FAMILY_OF[c]] += r
    return codes, int(votes.argmax())


log = [(l,) + shift(l) for l in LINES for _ in range(1300)]
random.shuffle(log)
uniq = {}
for l, c, y in log:
    uniq.setdefault(tuple(c), (l, c, y))
log = list(uniq.values())
test_log, train_log = log[:1000], log[1000:]

to_x = lambda part: torch.from_numpy(np.stack([c for _, c, _ in part])).long()
to_y = lambda part: torch.tensor([y for _, _, y in part])
train_dl = DataLoader(TensorDataset(to_x(train_log), to_y(train_log)), batch_size=80, shuffle=True)


class StopNet(nn.Module):
    def __init__(self):
        super(StopNet, self).__init__()
        self.code = nn.Embedding(N_CODES, 16)
        self.pos = nn.Parameter(torch.zeros(WINDOW, 16))
        self.sd = nn.Dropout(0.5)
        self.conv = nn.Conv1d(16, 32, 3, padding=1)
        self.bn = nn.BatchNorm1d(32)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        h = self.sd(self.code(x) + self.pos)
        h = F.relu(self.bn(self.conv(h.transpose(1, 2))))
        return self.head(self.drop(h.mean(2)))


model = StopNet()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def evaluate(part):
    # fault:
    # mended:
    #model.eval()
    # end
    good = 0
    with torch.no_grad():
        for line in LINES:                              # report is per line
            sub = [r for r in part if r[0] == line]
            good += (model(to_x(sub)).argmax(1) == to_y(sub)).sum().item()
    return good / len(part)


for epoch in range(1, 13):
    model.train()
    losses = []
    for xb, yb in train_dl:
        loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"[{epoch:02d}] loss={np.mean(losses):.4f} test_acc={evaluate(test_log):.4f}")

counts = np.bincount(to_y(test_log).numpy(), minlength=5)
print("largest family share: %.3f" % (counts.max() / counts.sum()))
print("final: train %.4f test %.4f" % (evaluate(train_log), evaluate(test_log)))
