"""Is the plant in a safe state after a sequence of operator commands?

Commands set, reset or toggle one of two latches; most commands do nothing.  A GRU cell is
written out by hand, sequences have different lengths, gradients come from four small batches."""
import math
import torch
import torch.nn.functional as F

torch.manual_seed(9)

N_CMD, PAD, MAX_T = 30, 0, 14
# command ids: 1-3 set latch A, 4-6 reset A, 7-9 set latch B, 10-12 reset B, the rest are idle


def plant_state(seq):
    a = b = 0
    for c in seq:
        if 1 <= c <= 3:
            a = 1
        elif 4 <= c <= 6:
            a = 0
        elif 7 <= c <= 9:
            b = 1
        elif 10 <= c <= 12:
            b = 0
    return 2 * a + b


def sample(n, known=()):
    known = set(known)
    out = []
    while len(out) < n:
        seq = tuple(torch.randint(1, N_CMD, (int(torch.randint(4, MAX_T + 1, (1,))),)).tolist())
        if seq not in known:
            known.add(seq)
            out.append((seq, plant_state(seq)))
    return out


train = sample(3200)
test = sample(600, known=[s for s, _ in train])


def tensorise(part):
    # (T, B), filler at the end
    x = torch.full((MAX_T, len(part)), PAD)
    for j, (s, _) in enumerate(part):
        x[:len(s), j] = torch.tensor(s)
    return x, torch.tensor([y for _, y in part])


class GRU:
    def __init__(self, vocab, dim, hidden, classes):
        k = 1 / math.sqrt(hidden)
        u = lambda *s: torch.empty(*s).uniform_(-k, k).requires_grad_()
        self.table = torch.randn(vocab, dim).requires_grad_()
        self.wx, self.wh, self.bx, self.bh = u(dim, 3 * hidden), u(hidden, 3 * hidden), u(3 * hidden), u(3 * hidden)
        self.out, self.bias = u(hidden, classes), torch.zeros(classes, requires_grad=True)
        self.hidden = hidden

    def parameters(self):
        return [self.table, self.wx, self.wh, self.bx, self.bh, self.out, self.bias]

    def __call__(self, x):
        gates_x = self.table[x] @ self.wx + self.bx                 # (T, B, 3H)
        h = torch.zeros(x.shape[1], self.hidden)
        for t in range(x.shape[0]):
            rx, zx, nx = gates_x[t].chunk(3, -1)
            rh, zh, nh = (h @ self.wh + self.bh).chunk(3, -1)
            r, z = torch.sigmoid(rx + rh), torch.sigmoid(zx + zh)
            new = (1 - z) * torch.tanh(nx + r * nh) + z * h
            h = torch.where((x[t] != PAD).unsqueeze(1), new, h)     # finished rows keep their state
        return h @ self.out + self.bias


net = GRU(N_CMD, 12, 24, 4)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x_tr, y_tr = tensorise(train)
x_te, y_te = tensorise(test)

ACCUMULATE, SMALL = 4, 20
for epoch in range(4):
    order = torch.randperm(len(train))
    total = 0.0
    opt.zero_grad()
    for i, part in enumerate(order.split(SMALL)):
        loss = F.cross_entropy(net(x_tr[:, part]), y_tr[part])
        (loss / ACCUMULATE).backward()
        total += loss.item() * len(part)
        if (i + 1) % ACCUMULATE == 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        z = net(x_te)
        print("epoch %d  train %.4f  test %.4f  accuracy %.3f" % (
            epoch, total / len(train), F.cross_entropy(z, y_te).item(), (z.argmax(1) == y_te).float().mean().item()))

print("state right after unseen command sequences: %.3f (majority %.3f)" % (
    (z.argmax(1) == y_te).float().mean().item(), torch.bincount(y_te).max().item() / len(y_te)))
