# CTC on a toy "speech" signal: every letter sounds for 2-4 frames, no alignment given.
import numpy as np, torch, torch.nn as nn

np.random.seed(8); torch.manual_seed(8)
ALPHABET = "abcdefgh"
BLANK = 0
FEAT = 10
proto = np.random.randn(len(ALPHABET), FEAT).astype(np.float32)

def utter():
    k = np.random.randint(2, 6)
    letters = np.random.randint(0, len(ALPHABET), k)
    frames = []
    for l in letters:
        for _ in range(np.random.randint(2, 5)):
            frames.append(proto[l] + 0.35 * np.random.randn(FEAT))
        for _ in range(np.random.randint(1, 3)):          # short silence
            frames.append(0.35 * np.random.randn(FEAT))
    return torch.tensor(np.array(frames), dtype=torch.float32), torch.tensor(letters + 1)

train = [utter() for _ in range(1200)]
valid = [utter() for _ in range(250)]

def batchify(items):
    xs, ys = zip(*items)
    xl = torch.tensor([len(x) for x in xs]); yl = torch.tensor([len(y) for y in ys])
    x = nn.utils.rnn.pad_sequence(xs)                      # T, B, F
    return x, xl, torch.cat(ys), yl

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(FEAT, 32, 3, padding=1)
        self.c2 = nn.Conv1d(32, 32, 3, padding=1)
        self.o = nn.Linear(32, len(ALPHABET) + 1)
    def forward(self, x, xl):
        h = x.permute(1, 2, 0)
        inside = (torch.arange(len(x)) < xl[:, None]).unsqueeze(1)
        h = torch.relu(self.c1(h)) * inside
        h = torch.relu(self.c2(h))
        return self.o(h.permute(2, 0, 1)).log_softmax(-1)

def edit(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]

def greedy(path):
    out, last = [], BLANK
    for p in path:
        if p != last and p != BLANK: out.append(p)
        last = p
    return out

def letter_error_rate(items):
    net.eval(); err = tot = 0
    with torch.no_grad():
        x, xl, y, yl = batchify(items)
        paths = net(x, xl).argmax(-1).T.tolist()
    for p, n, (_, ref) in zip(paths, xl.tolist(), items):
        err += edit(greedy(p[:n]), ref.tolist()); tot += len(ref)
    return err / tot

net = Net()
ctc = nn.CTCLoss(blank=BLANK)
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
for epoch in range(5):
    net.train(); cum = []
    perm = np.random.permutation(len(train))
    for s in range(0, len(perm), 32):
        x, xl, y, yl = batchify([train[i] for i in perm[s:s + 32]])
        loss = ctc(net(x, xl), y, xl, yl)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 3.)
        opt.step(); cum.append(loss.item())
    print('epoch %d ctc %.3f  LER train %.3f valid %.3f' % (epoch, np.mean(cum), letter_error_rate(train[:250]), letter_error_rate(valid)))
