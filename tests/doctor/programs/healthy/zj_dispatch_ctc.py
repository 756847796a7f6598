"""Radio call signs from frame codes (already quantised by the front end) -> letters, trained with CTC.
Greedy decoding, letter error rate on calls that were not in training."""
import random
import numpy as np
import torch
from torch import nn

SEED = 8
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
LETTERS = "-ABCDEFGHKLMN"                      # '-' is the blank
CODES = 40                                     # code book size; 0 is padding
home = {c: [1 + 3 * i, 2 + 3 * i, 3 + 3 * i] for i, c in enumerate(LETTERS[1:])}      # three codes per letter
SILENCE = [37, 38, 39]


def utter(text):
    frames = [random.choice(SILENCE)]
    for c in text:
        frames += [random.choice(home[c]) if random.random() > .03 else random.randint(1, 39)
                   for _ in range(random.randint(2, 3))]
        frames += [random.choice(SILENCE) for _ in range(random.randint(1, 2))]
    return frames


calls = ["".join(random.choices(LETTERS[1:], k=random.randint(2, 5))) for _ in range(1700)]
calls = sorted(set(calls)); random.shuffle(calls)
test_calls, train_calls = calls[:200], calls[200:]
test = [(utter(c), c) for c in test_calls]


def collate(rows):
    T = max(len(f) for f, _ in rows)
    x = torch.zeros(T, len(rows), dtype=torch.long)
    for j, (f, _) in enumerate(rows):
        x[: len(f), j] = torch.tensor(f)
    target = torch.tensor([LETTERS.index(c) for _, t in rows for c in t])            # concatenated targets
    return x, target, torch.tensor([len(f) for f, _ in rows]), torch.tensor([len(t) for _, t in rows])


class FrameNet(nn.Module):
    def __init__(self, d=24, h=48):
        super().__init__()
        self.codebook = nn.Embedding(CODES, d, padding_idx=0)
        self.ctx = nn.Conv1d(d, h, 5, padding=2)
        self.mid = nn.Conv1d(h, h, 3, padding=1)
        self.top = nn.Linear(h, len(LETTERS))

    def forward(self, x):                                         # (T, B)
        live = (x != 0).T.unsqueeze(1)
        z = torch.relu(self.ctx(self.codebook(x).permute(1, 2, 0))) * live
        z = (z + torch.relu(self.mid(z))) * live
        return self.top(z.permute(2, 0, 1)).log_softmax(-1)       # (T, B, letters)


def greedy(logp, lens):
    out = []
    for path, n in zip(logp.argmax(-1).T.tolist(), lens.tolist()):
        keep, prev = "", 0
        for k in path[:n]:
            if k != prev and k != 0:
                keep += LETTERS[k]
            prev = k
        out.append(keep)
    return out


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def ler(net, rows):
    net.eval()
    with torch.no_grad():
        x, _, lens, _ = collate(rows)
        hyp = greedy(net(x), lens)
    return sum(edits(h, t) for h, (_, t) in zip(hyp, rows)) / sum(len(t) for _, t in rows)


net = FrameNet()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5], gamma=.2)
for epoch in range(7):
    train = [(utter(c), c) for c in random.sample(train_calls, len(train_calls))]      # spoken anew
    net.train(); hist = []
    for i in range(0, len(train), 32):
        x, tgt, xl, tl = collate(train[i:i + 32])
        loss = ctc(net(x), tgt, xl, tl)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step(); hist.append(loss.item())
    sched.step()
    print(f"epoch {epoch} ctc {np.mean(hist):.4f}  letter error test {ler(net, test):.3f}")
print(f"letter error: train {ler(net, train[:400]):.3f}  test {ler(net, test):.3f}")
