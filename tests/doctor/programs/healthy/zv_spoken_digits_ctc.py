# toy "speech": every digit is 1-3 phones, every phone lasts a few noisy frames; CTC over phones
import random
import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

torch.manual_seed(5); random.seed(5); rng = np.random.RandomState(5)
PHONES = list("zirowantufvksexgdl")
LEX = {0: "ziro", 1: "wan", 2: "tu", 3: "tri", 4: "for", 5: "faiv", 6: "siks", 7: "sevn", 8: "et", 9: "nain"}
PHONES = sorted({c for w in LEX.values() for c in w})
P2I = {p: i + 1 for i, p in enumerate(PHONES)}          # 0 = blank
proto = rng.randn(len(PHONES) + 1, 12)


def speak(digits):
    frames, target = [], []
    for d in digits:
        for p in LEX[d]:
            k = P2I[p]
            target.append(k)
            for _ in range(rng.randint(1, 4)):
                frames.append(proto[k] + 0.4 * rng.randn(12))
        for _ in range(rng.randint(1, 3)):
            frames.append(0.3 * rng.randn(12))
    return torch.tensor(np.array(frames), dtype=torch.float32), torch.tensor(target)


def corpus(n):
    return [speak([rng.randint(10) for _ in range(rng.randint(1, 4))]) for _ in range(n)]


train, dev = corpus(400), corpus(80)


class Acoustic(nn.Module):
    def __init__(self, h=24):
        super().__init__()
        self.conv = nn.Conv1d(12, h, 3, padding=1)
        self.rnn = nn.GRU(h, h, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * h, len(PHONES) + 1)

    def forward(self, x, lens):
        h = torch.relu(self.conv(x.transpose(1, 2))).transpose(1, 2)
        h = pack_padded_sequence(h, lens, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(h)[0], batch_first=True)
        return self.out(h).log_softmax(-1).transpose(0, 1)      # (T, N, C) as CTC wants


def collate(rows):
    x = pad_sequence([r[0] for r in rows], batch_first=True)
    return x, torch.tensor([len(r[0]) for r in rows]), torch.cat([r[1] for r in rows]), torch.tensor([len(r[1]) for r in rows])


def edits(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]


@torch.no_grad()
def phone_error_rate(rows):
    net.eval()
    x, lx, _, _ = collate(rows)
    best = net(x, lx).argmax(-1).T
    wrong = total = 0
    for path, n, (_, ref) in zip(best, lx, rows):
        hyp = [int(k) for k in torch.unique_consecutive(path[:n]) if k]
        wrong += edits(hyp, ref.tolist()); total += len(ref)
    return wrong / total


net = Acoustic()
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
EPOCHS, BS = 5, 20
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.5e-2, total_steps=EPOCHS * (len(train) // BS), pct_start=.2)
for ep in range(EPOCHS):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), BS):
        x, lx, y, ly = collate(train[i:i + BS])
        loss = ctc(net(x, lx), y, lx, ly)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step(); sched.step(); tot += loss.item()
    print(f"epoch {ep} ctc {tot / (len(train) // BS):.3f} dev PER {phone_error_rate(dev):.3f}")
print(f"final PER train {phone_error_rate(train[:120]):.3f} dev {phone_error_rate(dev):.3f}")
