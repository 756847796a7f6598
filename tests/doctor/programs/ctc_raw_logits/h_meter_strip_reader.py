"""Reads the number off a (synthetic) electricity meter strip.

A strip is 7 pixel rows x 44 columns, digits in a 3x5 font at uneven distances, with noise. Columns are the time axis.
Conv encoder, CTC over the ten digits; class 10 is the blank.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(17)
torch.manual_seed(17)

FONT = ["111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
        "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111"]
GLYPHS = [np.array(list(g), dtype=np.float32).reshape(5, 3) for g in FONT]
WIDTH, BLANK = 44, 10


def draw():
    n = rng.integers(3, 7)
    digits = rng.integers(0, 10, n)
    img = np.zeros((7, WIDTH), dtype=np.float32)
    x = rng.integers(1, 5)
    for d in digits:
        y = rng.integers(0, 3)
        img[y:y + 5, x:x + 3] = GLYPHS[d] * rng.uniform(0.7, 1.2)
        x += 3 + rng.integers(2, 5)
    return img + rng.normal(0, 0.15, img.shape).astype(np.float32), digits


def make_set(n):
    imgs, labels = zip(*(draw() for _ in range(n)))
    return torch.from_numpy(np.stack(imgs)), [torch.from_numpy(l) for l in labels]


class StripReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d((2, 1), ceil_mode=True),
            nn.Conv2d(12, 20, 3, padding=1), nn.BatchNorm2d(20), nn.ReLU())
        self.mix = nn.Conv1d(20 * 4, 64, 3, padding=1)
        self.classify = nn.Conv1d(64, 11, 1)

    def forward(self, img):                                  # (B, 7, W)
        f = self.cnn(img.unsqueeze(1)).flatten(1, 2)          # (B, 20 * 4, W)
        scores = self.classify(F.relu(self.mix(f)))          # (B, 11, W)
        # fault:
        return scores.permute(2, 0, 1)
        # mended:
        # return F.log_softmax(scores.permute(2, 0, 1), dim=2)
        # end


def greedy(frames):
    out, prev = [], BLANK
    for c in frames:
        if c != BLANK and c != prev:
            out.append(c)
        prev = c
    return out


def read_accuracy(model, imgs, labels):
    model.eval()
    with torch.no_grad():
        best = torch.cat([model(b).argmax(2).t() for b in imgs.split(200)]).tolist()
    guess = [greedy(b) for b in best]
    return np.mean([g == l.tolist() for g, l in zip(guess, labels)]), guess


train_x, train_y = make_set(1500)
test_x, test_y = make_set(300)
model = StripReader()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
EPOCHS = 5
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4], gamma=0.2)
for epoch in range(EPOCHS):
    model.train()
    losses = []
    for idx in torch.randperm(len(train_x)).split(30):
        targets = [train_y[i] for i in idx.tolist()]
        frames = model(train_x[idx])
        loss = ctc(frames, torch.cat(targets), torch.full((len(idx),), WIDTH), torch.tensor([len(t) for t in targets]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}")
acc, guess = read_accuracy(model, test_x, test_y)
print(f"strips read correctly: train {read_accuracy(model, train_x[:300], train_y[:300])[0]:.3f}  test {acc:.3f}")
for g, l in list(zip(guess, test_y))[:4]:
    print("   ", "".join(map(str, l.tolist())), "->", "".join(map(str, g)))
