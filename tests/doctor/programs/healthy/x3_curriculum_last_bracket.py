# Curriculum (Bengio et al. 2009): a GRU reads a bracket prefix and must name the bracket that closes next, at every
# position; short strings first. Strings of a stage all have one length, so there is nothing to pad.
import random
import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
OPEN, CLOSE = "([{", ")]}"
STOI = {c: i for i, c in enumerate(OPEN + CLOSE)}


def string(n, depth_max=3):
    s, stack, need = [], [], []
    for _ in range(n):
        if stack and (len(stack) == depth_max or random.random() < 0.5):
            s.append(CLOSE[stack.pop()])
        else:
            k = random.randrange(3)
            stack.append(k)
            s.append(OPEN[k])
        need.append(stack[-1] if stack else 3)      # 3: nothing is open
    return [STOI[c] for c in s], need


def block(count, n):
    xs, ys = zip(*(string(n) for _ in range(count)))
    return torch.tensor(xs).T, torch.tensor(ys).T     # time first


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Embedding(6, 12)
        self.gru = nn.GRU(12, 48)
        self.out = nn.Linear(48, 4)

    def forward(self, x):
        return self.out(self.gru(self.inp(x))[0])


net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
test_x, test_y = block(300, 24)
for stage, (length, steps, lr) in enumerate([(4, 50, 8e-3), (8, 90, 8e-3), (16, 90, 5e-3), (24, 60, 2e-3)]):
    for group in opt.param_groups:
        group["lr"] = lr
    x, y = block(1500, length)
    net.train()
    total = 0.0
    for _ in range(steps):
        pick = torch.randint(x.size(1), (64,))
        loss = nn.functional.cross_entropy(net(x[:, pick]).flatten(0, 1), y[:, pick].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        hit = (net(x).argmax(-1) == y).float().mean()
        test_hit = (net(test_x).argmax(-1) == test_y).float().mean()
    print(f"stage {stage} length {length}: loss {total / steps:.4f}, stage acc {hit:.3f}, test (24) {test_hit:.3f}")
