# Reads words off synthetic "strips" (columns of noisy glyph pixels of varying width), conv encoder + CTC, greedy decoding.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21); random.seed(21)
LETTERS = "abcdefghij"
BLANK = 0
HEIGHT = 10
glyphs = 3.0 * torch.randn(len(LETTERS) + 1, HEIGHT)
glyphs[0] = 0.                      # background


def strip(word):
    cols = [glyphs[0]]
    for ch in word:
        cols += [glyphs[1 + LETTERS.index(ch)]] * random.randint(2, 3)
        cols += [glyphs[0]] * random.randint(1, 2)
    x = torch.stack(cols)
    return x + 2.0 * torch.randn_like(x)


def dataset(n, seen):
    rows = []
    while len(rows) < n:
        w = "".join(random.choice(LETTERS) for _ in range(random.randint(3, 6)))
        if w not in seen:
            seen.add(w)
            rows.append((strip(w), torch.tensor([1 + LETTERS.index(c) for c in w])))
    return rows


def collate(rows):
    xs, ys = zip(*rows)
    xl, yl = torch.tensor([len(x) for x in xs]), torch.tensor([len(y) for y in ys])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), xl, torch.cat(ys), yl


class Reader(nn.Module):
    def __init__(self, ch=48):
        super().__init__()
        self.c1 = nn.Conv1d(HEIGHT, ch, 3, padding=1)
        self.c2 = nn.Conv1d(ch, ch, 3, padding=1)
        self.fc = nn.Linear(ch, len(LETTERS) + 1)

    def forward(self, x):
        h = F.relu(self.c1(x.transpose(1, 2)))
        h = F.relu(self.c2(h))
        return self.fc(h.transpose(1, 2))


def collapse(path):
    out, prev = [], BLANK
    for p in path:
        if p != prev and p != BLANK:
            out.append(p)
        prev = p
    return out


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            last, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, last + (x != y))
    return d[-1]


seen = set()
train, test = dataset(1600, seen), dataset(250, seen)
net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.5)


def cer(rows):
    net.eval()
    errs = total = 0
    with torch.no_grad():
        x, xl, y, yl = collate(rows)
        best = net(x).argmax(-1)
    for p, n, t in zip(best, xl, y.split(yl.tolist())):
        errs += distance(collapse(p[:n].tolist()), t.tolist())
        total += len(t)
    return errs / total


for epoch in range(1, 6):
    net.train()
    random.shuffle(train)
    run = 0.
    for i in range(0, len(train), 32):
        x, xl, y, yl = collate(train[i:i + 32])
        out = net(x)
        # fault:
        loss = F.ctc_loss(out.transpose(0, 1), y, xl, yl, blank=BLANK)
        # mended:
        # loss = F.ctc_loss(out.log_softmax(-1).transpose(0, 1), y, xl, yl, blank=BLANK)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        run += loss.item()
    sched.step()
    print(f"epoch {epoch} ctc {run / (len(train) / 32):.4f} test CER {cer(test):.4f}")
