# toy "speech" recognizer: every letter is a noisy blob of feature frames, CTC finds the alignment
import gzip, os, random
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

SEED = 7
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
LETTERS = "_abcdefghijklmnopqrstuvwxyz"      # index 0 is the CTC blank
NFEAT = 12

proto = np.random.randn(27, NFEAT)
silence = np.zeros(NFEAT)


def speak(word):
    """letters last 2-4 frames, sometimes with a breath in between"""
    frames = []
    prev = None
    for ch in word:
        k = LETTERS.index(ch)
        if ch == prev or random.random() < 0.4:
            frames.append(silence)
        for _ in range(random.randint(2, 4)):
            frames.append(proto[k])
        prev = ch
    x = np.stack(frames) + 0.45 * np.random.randn(len(frames), NFEAT)
    return torch.tensor(x, dtype=torch.float32)


words = []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        w = line.split(" ", 1)[0]
        if 3 <= len(w) <= 8 and w.isascii() and w.isalpha():
            words.append(w)
        if len(words) == 1250:
            break
random.shuffle(words)
train_words, test_words = words[:1000], words[1000:]
train_set = [(speak(w), w) for w in train_words]
test_set = [(speak(w), w) for w in test_words]


def batches(data, size, shuffle):
    idx = list(range(len(data)))
    if shuffle:
        random.shuffle(idx)
    for i in range(0, len(idx), size):
        part = [data[j] for j in idx[i:i + size]]
        xlen = torch.tensor([len(x) for x, _ in part])
        ylen = torch.tensor([len(w) for _, w in part])
        x = nn.utils.rnn.pad_sequence([x for x, _ in part], batch_first=True)
        y = torch.tensor([LETTERS.index(c) for _, w in part for c in w])   # 1-d concatenated targets
        yield x, xlen, y, ylen, [w for _, w in part]


class Net(nn.Module):
    def __init__(self, hid=48):
        super().__init__()
        self.c1 = nn.Conv1d(NFEAT, hid, 5, padding=2)
        self.c2 = nn.Conv1d(hid, hid, 3, padding=1)
        self.out = nn.Linear(hid, 27)

    def forward(self, x, xlen):
        m = (torch.arange(x.size(1))[None] < xlen[:, None]).unsqueeze(1).float()
        h = F.relu(self.c1(x.transpose(1, 2))) * m
        h = F.relu(self.c2(h)) * m
        return self.out(h.transpose(1, 2)).log_softmax(-1)


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, cb in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (ca != cb))
    return d[-1]


def cer(net, data):
    net.eval()
    bad = tot = 0
    with torch.no_grad():
        for x, xlen, _, _, ws in batches(data, 100, False):
            best = net(x, xlen).argmax(-1)
            for row, n, w in zip(best.tolist(), xlen.tolist(), ws):
                row = row[:n]
                hyp = [k for t, k in enumerate(row) if k and (t == 0 or row[t - 1] != k)]
                bad += edit([LETTERS[k] for k in hyp], w)
                tot += len(w)
    return bad / tot


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
for ep in range(6):
    net.train()
    run = []
    for x, xlen, y, ylen, _ in batches(train_set, 32, True):
        lp = net(x, xlen).transpose(0, 1)            # CTC wants T x B x C
        loss = ctc(lp, y, xlen, ylen)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run.append(loss.item())
    sched.step()
    print(f"epoch {ep + 1}  ctc {np.mean(run):.3f}  train CER {cer(net, train_set[:250]):.3f}  test CER {cer(net, test_set):.3f}")
