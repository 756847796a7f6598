"""CTC on simulated key tones: frames of 6 filter energies -> string of keys."""
import numpy as np
import torch
from torch import nn

KEYS, FRAMES, CH = 4, 20, 6
rng = np.random.default_rng(2)
torch.manual_seed(2)
signature = rng.normal(size=(KEYS + 1, CH))     # 0 is silence
signature *= 2.2 / np.linalg.norm(signature, axis=1, keepdims=True)
signature[0] = 0


def synth():
    n = rng.integers(2, 5)
    keys = rng.integers(1, KEYS + 1, n)
    track = []
    for k in keys:
        track += [k] * rng.integers(2, 4) + [0] * rng.integers(1, 3)
    track = np.array(track[:FRAMES] + [0] * (FRAMES - len(track)))
    return signature[track] + rng.normal(0, .35, (FRAMES, CH)), keys


class Tones(torch.utils.data.Dataset):
    def __init__(self, n):
        self.rows = [synth() for _ in range(n)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        x, y = self.rows[i]
        return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def collate(rows):
    xs, ys = zip(*rows)
    return torch.stack(xs, 1), torch.cat(ys), torch.tensor([len(y) for y in ys])     # (T, B, C)


class FrameNet(nn.Module):
    def __init__(self, hid=32):
        super().__init__()
        self.conv = nn.Conv1d(CH, hid, 3, padding=1)
        self.out = nn.Linear(hid, KEYS + 1)

    def forward(self, x):                        # (T, B, C)
        h = torch.relu(self.conv(x.permute(1, 2, 0)))
        return self.out(h.permute(2, 0, 1)).log_softmax(-1)


def decode(logp):
    best = logp.argmax(-1).T.tolist()
    return [[k for k, prev in zip(row, [0] + row[:-1]) if k != 0 and k != prev] for row in best]


net, ctc = FrameNet(), nn.CTCLoss(blank=0)
train = torch.utils.data.DataLoader(Tones(1600), batch_size=32, shuffle=True, collate_fn=collate)
test = torch.utils.data.DataLoader(Tones(400), batch_size=200, collate_fn=collate)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 6], gamma=0.3)


def exact(loader):
    good = n = 0
    net.eval()
    with torch.no_grad():
        for x, y, ylen in loader:
            for hyp, ref in zip(decode(net(x)), y.split(ylen.tolist())):
                good += hyp == ref.tolist()
                n += 1
    net.train()
    return good / n


for epoch in range(7):
    tot = 0
    for x, y, ylen in train:
        loss = ctc(net(x), y, torch.full((x.size(1),), FRAMES), ylen)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    print(f"epoch {epoch} ctc {tot / len(train):.4f} exact strings: test {exact(test):.3f}")
print(f"train {exact(train):.3f}")
