"""Next character model (Bengio style MLP over a window of 6 characters) on French Tatoeba sentences."""
import gzip
import math
import os
import random

import torch
import torch.nn as nn

SEED, WINDOW, EMB, HID = 9, 6, 16, 96
N_TRAIN, N_VALID, STEPS, BATCH, LR = 4000, 500, 1100, 256, 4e-3
random.seed(SEED)
torch.manual_seed(SEED)

path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
sents = set()
with gzip.open(path, "rt", encoding="utf-8") as f:
    for i, line in enumerate(f):
        if i > 60000:
            break
        fr = line.rstrip("\n").split("\t")[1].lower().replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")
        if 12 <= len(fr) <= 45:
            sents.add(fr)
sents = sorted(sents)
random.shuffle(sents)
train_s, valid_s = sents[:N_TRAIN], sents[N_TRAIN:N_TRAIN + N_VALID]
alphabet = sorted({c for s in train_s for c in s})
c2i = {c: i + 2 for i, c in enumerate(alphabet)}   # 0 = start/end, 1 = other
V = len(c2i) + 2
print(f"{len(train_s)} train / {len(valid_s)} valid sentences, {V} symbols")


def windows(ss):
    xs, ys = [], []
    for s in ss:
        ids = [0] * WINDOW + [c2i.get(c, 1) for c in s] + [0]
        for t in range(WINDOW, len(ids)):
            xs.append(ids[t - WINDOW:t])
            ys.append(ids[t])
    return torch.tensor(xs), torch.tensor(ys)


Xtr, Ytr = windows(train_s)
Xva, Yva = windows(valid_s)
print("train windows", len(Xtr), "valid windows", len(Xva))


class CharMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.C = nn.Embedding(V, EMB)
        self.net = nn.Sequential(
            nn.Linear(WINDOW * EMB, HID),
            nn.Tanh(),
            nn.Linear(HID, V),
            # fault:
            nn.Softmax(dim=-1),
            # mended:
            #nn.LogSoftmax(dim=-1),
            # end
        )

    def forward(self, x):
        return self.net(self.C(x).flatten(1))


model = CharMLP()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=LR)
scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, STEPS)


@torch.no_grad()
def report(x, y):
    model.eval()
    loss = hits = 0.0
    for i in range(0, len(x), 4096):
        out = model(x[i:i + 4096])
        loss += criterion(out, y[i:i + 4096]).item() * len(out)
        hits += (out.argmax(1) == y[i:i + 4096]).sum().item()
    model.train()
    return loss / len(x), hits / len(x)


run = None
for step in range(1, STEPS + 1):
    ix = torch.randint(0, len(Xtr), (BATCH,))
    loss = criterion(model(Xtr[ix]), Ytr[ix])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    run = loss.item() if run is None else 0.98 * run + 0.02 * loss.item()
    if step % 150 == 0 or step == STEPS:
        vl, va = report(Xva, Yva)
        print(f"step {step:5d}  train loss {run:.4f}  valid loss {vl:.4f}  valid acc {va:.4f}")

tl, ta = report(Xtr[:15000], Ytr[:15000])
unigram = Ytr.bincount(minlength=V).argmax().item()
print(f"train acc {ta:.4f}  valid acc {va:.4f}  always '{alphabet[unigram - 2]}' {(Yva == unigram).float().mean():.4f}")


@torch.no_grad()
def sample(n=5):
    model.eval()
    for _ in range(n):
        ctx, out = [0] * WINDOW, ""
        while len(out) < 45:
            nxt = model(torch.tensor([ctx]))[0].argmax().item() if len(out) % 4 else random.randrange(2, V)
            if nxt == 0:
                break
            out += alphabet[nxt - 2] if nxt > 1 else "?"
            ctx = ctx[1:] + [nxt]
        print("   >", out)


sample()
