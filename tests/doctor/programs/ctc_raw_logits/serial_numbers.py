"""Read serial numbers from columns of pixels (one feature vector per column) with CTC."""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
np.random.seed(2)
torch.manual_seed(2)
ALPHABET = "0123456789ABCDEF"
BLANK = 0
GLYPH = np.random.randn(len(ALPHABET) + 1, 10) * 1.2


def render(serial):
    cols = []
    for ch in serial:
        k = ALPHABET.index(ch)
        cols += [GLYPH[k]] * random.randint(2, 4)
        cols += [np.zeros(10)] * random.randint(1, 2)
    cols = np.stack(cols)
    return torch.tensor(cols + np.random.randn(*cols.shape) * 0.35, dtype=torch.float32)


serials = set()
while len(serials) < 1500:
    serials.add("".join(random.choices(ALPHABET, k=random.randint(4, 7))))
serials = sorted(serials)
random.shuffle(serials)
samples = [(render(s), s) for s in serials]
train, test = samples[:1250], samples[1250:]


def collate(batch):
    lens = torch.tensor([len(x) for x, _ in batch])
    x = nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True)
    y = torch.tensor([ALPHABET.index(c) + 1 for _, s in batch for c in s])
    return x, lens, y, torch.tensor([len(s) for _, s in batch])


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(10, 48, 3, padding=1), nn.ReLU(), nn.Conv1d(48, 48, 3, padding=1), nn.ReLU())
        self.out = nn.Linear(48, len(ALPHABET) + 1)

    def forward(self, x):
        return self.out(self.conv(x.transpose(1, 2)).transpose(1, 2))


def decode(path):
    out, last = [], BLANK
    for k in path:
        if k != last and k != BLANK:
            out.append(ALPHABET[k - 1])
        last = k
    return "".join(out)


def exact_match(model):
    model.eval()
    good = 0
    with torch.no_grad():
        x, lens, _, _ = collate(test)
        best = model(x).argmax(-1)
        for row, n, (_, s) in zip(best, lens, test):
            good += decode(row[:n].tolist()) == s
    return good / len(test)


reader = Reader()
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
optim = torch.optim.SGD(reader.parameters(), lr=0.1, momentum=0.9)
loader = torch.utils.data.DataLoader(train, 25, shuffle=True, collate_fn=collate)
for epoch in range(10):
    reader.train()
    total = 0.0
    for x, lens, y, ylens in loader:
        scores = reader(x).transpose(0, 1)
        # fault:
        loss = ctc(scores, y, lens, ylens)
        # mended:
        # loss = ctc(F.log_softmax(scores, dim=-1), y, lens, ylens)
        # end
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item()
    print(f"epoch {epoch}: ctc {total / len(loader):.3f}, serials read right {exact_match(reader):.3f}")
