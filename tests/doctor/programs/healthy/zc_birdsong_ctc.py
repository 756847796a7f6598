"""Syllable transcription of bird song without alignment (CTC).  Frames -> small conv stack -> syllables."""
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(17)
N_SYL, N_MEL = 8, 12
g = torch.Generator().manual_seed(18)
proto = torch.randn(N_SYL, N_MEL, generator=g) * 1.6


def randint(lo, hi):
    return int(torch.randint(lo, hi + 1, (1,), generator=g))


def record():
    labels, frames = [], []
    for _ in range(randint(3, 7)):
        s = randint(0, N_SYL - 1)
        labels.append(s + 1)                                      # 0 is the blank
        frames += [proto[s]] * randint(2, 4) + [torch.zeros(N_MEL)] * randint(1, 2)
    x = torch.stack(frames)
    return x + .5 * torch.randn(x.shape, generator=g), torch.tensor(labels)


songs = [record() for _ in range(900)]
train, test = songs[:700], songs[700:]


def collate(part):
    x, y = zip(*part)
    return (pad_sequence(x, batch_first=True), torch.cat(y),
            torch.tensor([len(a) for a in x]), torch.tensor([len(b) for b in y]))


class Transcriber(nn.Module):
    def __init__(self, ch=32):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(N_MEL, ch, 3, padding=1), nn.ReLU(), nn.Conv1d(ch, ch, 3, padding=1),
                                 nn.ReLU(), nn.Conv1d(ch, N_SYL + 1, 1))

    def forward(self, x):
        return self.net(x.mT).permute(2, 0, 1).log_softmax(-1)   # T, N, C


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, q in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (p != q))
    return row[-1]


model = Transcriber()
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)


@torch.no_grad()
def error_rate(part):
    model.eval()
    x, y, nx, ny = collate(part)
    best = model(x).argmax(-1).T
    wrong, gold = 0, y.split(ny.tolist())
    for path, n, ref in zip(best, nx, gold):
        path = torch.unique_consecutive(path[:n])
        wrong += distance(path[path != 0].tolist(), ref.tolist())
    return wrong / len(y)


for epoch in range(4):
    model.train()
    total = 0.
    for idx in torch.randperm(len(train)).split(35):
        x, y, nx, ny = collate([train[i] for i in idx])
        loss = ctc(model(x), y, nx, ny)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        opt.step()
        total += loss.item() / 20
    print(f"epoch {epoch + 1}: ctc {total:.3f}  SER train {error_rate(train[:200]):.3f}  test {error_rate(test):.3f}")
