# Lab 5, part A: write the LSTM cell yourself (nn.LSTM is forbidden). Two lamps, seven commands,
# after EVERY command say which lamps are lit.
import random
import torch

random.seed(50)
torch.manual_seed(50)
COMMANDS = ["noop", "left_on", "left_off", "right_on", "right_off", "all_off", "swap"]
T = 12


def run(cmds):
    l = r = 0
    states = []
    for c in cmds:
        if c == 1: l = 1
        elif c == 2: l = 0
        elif c == 3: r = 1
        elif c == 4: r = 0
        elif c == 5: l = r = 0
        elif c == 6: l, r = r, l
        states.append((l, r))
    return states


progs = [random.choices(range(7), k=T) for _ in range(1800)]
X = torch.tensor(progs)
Y = torch.tensor([run(p) for p in progs], dtype=torch.float)
Xtr, Ytr, Xdev, Ydev = X[:1500], Y[:1500], X[1500:], Y[1500:]


class MyLSTMCell(torch.nn.Module):
    def __init__(self, d_in, d_h):
        super().__init__()
        self.d_h = d_h
        self.gates = torch.nn.Linear(d_in + d_h, 4 * d_h)
        with torch.no_grad():
            self.gates.bias[d_h:2 * d_h] += 1.0      # forget gate open at the start

    def forward(self, x, h, c):
        i, f, o, g = self.gates(torch.cat([x, h], dim=1)).split(self.d_h, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


class Lamps(torch.nn.Module):
    def __init__(self, d_h=20):
        super().__init__()
        self.cell = MyLSTMCell(len(COMMANDS), d_h)
        self.read = torch.nn.Linear(d_h, 2)

    def forward(self, seq):
        onehot = torch.nn.functional.one_hot(seq, len(COMMANDS)).float()
        h = c = onehot.new_zeros(len(seq), self.cell.d_h)
        outs = []
        for t in range(seq.shape[1]):
            h, c = self.cell(onehot[:, t], h, c)
            outs.append(self.read(h))
        return torch.stack(outs, dim=1)              # (batch, time, 2)


net = Lamps()
opt = torch.optim.RMSprop(net.parameters(), lr=0.01)
bce = torch.nn.BCEWithLogitsLoss()


def right(x, y):
    with torch.no_grad():
        return ((net(x) > 0) == (y > 0.5)).float().mean().item()


print("before:", round(right(Xdev, Ydev), 3))
for epoch in range(1, 6):
    total, n = 0.0, 0
    for idx in torch.randperm(len(Xtr)).chunk(29):   # 29 does not divide 1500, on purpose
        loss = bce(net(Xtr[idx]), Ytr[idx])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step()
        total += loss.item(); n += 1
    print(f"epoch {epoch} loss {total / n:.4f} train {right(Xtr, Ytr):.4f} dev {right(Xdev, Ydev):.4f}")
