"""Beep decoder: a stream of noisy frames, several per symbol, to a symbol string. CTC, greedy decoding."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(2)
torch.manual_seed(2)
SYMBOLS = "ABCDEFGH"            # 0 is the blank
DIM = 10
codes = rng.normal(size=(len(SYMBOLS) + 1, DIM))
codes[0] = 0                    # silence


def utterance():
    text = rng.integers(1, len(SYMBOLS) + 1, rng.integers(2, 6))
    frames = [codes[0]]
    for s in text:
        frames += [codes[s]] * rng.integers(2, 5) + [codes[0]] * rng.integers(1, 3)
    frames = np.array(frames)
    return (frames + rng.normal(scale=.3, size=frames.shape)).astype("float32"), text


def collate(items):
    lens = torch.tensor([len(f) for f, _ in items])
    x = torch.zeros(len(items), DIM, int(lens.max()))
    for k, (f, _) in enumerate(items):
        x[k, :, :len(f)] = torch.from_numpy(f).T
    return x, lens, torch.from_numpy(np.concatenate([t for _, t in items])), torch.tensor([len(t) for _, t in items])


class Ear(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(DIM, 48, 3, padding=1), nn.ReLU(), nn.Conv1d(48, len(SYMBOLS) + 1, 3, padding=1))

    def forward(self, x):
        return self.net(x).permute(2, 0, 1).log_softmax(-1)      # T, N, C


def exact(model, items):
    x, lens, _, _ = collate(items)
    with torch.no_grad():
        best = model(x).argmax(-1).T
    hits = 0
    for row, n, (_, text) in zip(best, lens, items):
        row = torch.unique_consecutive(row[:n])
        hits += row[row > 0].tolist() == text.tolist()
    return hits / len(items)


train = [utterance() for _ in range(1500)]
test = [utterance() for _ in range(300)]
ear, ctc = Ear(), nn.CTCLoss(blank=0)
opt = torch.optim.Adam(ear.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.72)
for epoch in range(7):
    total = 0
    order = rng.permutation(len(train))
    for b in range(0, len(order), 50):
        x, lens, targets, tlens = collate([train[i] for i in order[b:b + 50]])
        loss = ctc(ear(x), targets, lens, tlens)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    print(f"epoch {epoch} ctc {total / (len(order) / 50):.4f} exact train {exact(ear, train[:300]):.3f} test {exact(ear, test):.3f}")
