# Keyboard forensics: noisy scan-code traces (held keys repeat, glitches, gaps) -> the word that was typed. CTC.
import random
import torch
from torch import nn

random.seed(88)
torch.manual_seed(88)
ALPHA = "abcdefghijklmnop"                     # 16 keys of a macro pad
BLANK = 0
GAP = 17                                       # scan code for "no key"


def trace(word):
    out = []
    for c in word:
        k = ALPHA.index(c) + 1
        for _ in range(random.randint(1, 3)):
            out.append(k if random.random() > 0.06 else random.randint(1, 16))
        out += [GAP] * random.randint(1, 2)
    return out


def word():
    return "".join(random.choice(ALPHA) for _ in range(random.randint(3, 7)))


words = sorted({word() for _ in range(3300)})
random.shuffle(words)
data = [(trace(w), w) for w in words]
test, train = data[:400], data[400:]


def collate(part):
    n_in = torch.tensor([len(t) for t, _ in part])
    x = torch.zeros(len(part), int(n_in.max()), dtype=torch.long)
    for i, (t, _) in enumerate(part):
        x[i, :len(t)] = torch.tensor(t)
    y = torch.tensor([ALPHA.index(c) + 1 for _, w in part for c in w])
    n_out = torch.tensor([len(w) for _, w in part])
    return x, n_in, y, n_out


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(18, 24, padding_idx=0)
        self.conv = nn.Sequential(nn.Conv1d(24, 48, 5, padding=2), nn.ReLU(), nn.Conv1d(48, 17, 3, padding=1))

    def forward(self, x):
        return self.conv(self.emb(x).transpose(1, 2)).permute(2, 0, 1).log_softmax(-1)       # (T, B, symbols)


def decode(lp, n_in):
    res = []
    for b, path in enumerate(lp.argmax(-1).T.tolist()):
        path = path[:n_in[b]]
        res.append("".join(ALPHA[s - 1] for i, s in enumerate(path) if s != BLANK and (i == 0 or s != path[i - 1])))
    return res


def edit(a, b):
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (ca != cb))
    return row[-1]


net = Reader()
ctc = nn.CTCLoss(blank=BLANK)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=6)
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), 50):
        x, n_in, y, n_out = collate(train[k:k + 50])
        loss = ctc(net(x), y, n_in, n_out)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(n_in)
    sched.step()
    with torch.no_grad():
        x, n_in, y, n_out = collate(test)
        lp = net(x)
        hyp = decode(lp, n_in)
        vl = ctc(lp, y, n_in, n_out).item()
    cer = sum(edit(h, w) for h, (_, w) in zip(hyp, test)) / sum(len(w) for _, w in test)
    print(f"epoch {epoch:2d} loss {tot / len(train):.4f} test loss {vl:.4f} CER {cer:.4f} words right {sum(h == w for h, (_, w) in zip(hyp, test)) / len(test):.3f}")
print("e.g.", hyp[:5], [w for _, w in test[:5]])
