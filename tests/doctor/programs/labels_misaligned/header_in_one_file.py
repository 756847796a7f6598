"""Irritated or content? Messages and labels come in two files, one line for each message."""
import random

import torch
from torch import nn

random.seed(94)
torch.manual_seed(94)
bad, good = "late broken rude cold wrong missing".split(), "quick friendly warm neat early tasty".split()
plain = "the my was and with order it again this time they food delivery box".split()
with open("messages.txt", "w") as m, open("labels.csv", "w") as l:
    l.write("label\n")
    for _ in range(1500):
        y = random.randint(0, 1)
        t = random.choices(plain, k=random.randint(4, 9)) + random.sample(good if y else bad, 2)
        random.shuffle(t)
        m.write(" ".join(t) + "\n")
        l.write(f"{y}\n")


def read_lines(path, skip_first):
    with open(path) as f:
        if skip_first:
            next(f)
        return [line.strip() for line in f]


# fault:
texts = read_lines("messages.txt", skip_first=True)
# mended:
# texts = read_lines("messages.txt", skip_first=False)
# end
labels = [int(v) for v in read_lines("labels.csv", skip_first=True)]
data = [(t.split(), y) for t, y in zip(texts, labels)]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in data for w in t}))}
random.shuffle(data)
train, test = data[:1200], data[1200:]


class Satisfaction(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag(len(vocab), 16)
        self.deep = nn.Sequential(nn.Linear(16, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, texts):
        flat = torch.tensor([vocab[w] for t in texts for w in t])
        offsets = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
        return self.deep(self.words(flat, offsets)).squeeze(1)


def run_epoch(model, rows, opt=None):
    loss_sum = hits = 0
    for i in range(0, len(rows), 30):
        texts, y = zip(*rows[i : i + 30])
        y = torch.tensor(y, dtype=torch.float)
        with torch.set_grad_enabled(opt is not None):
            out = model(texts)
            loss = nn.functional.binary_cross_entropy_with_logits(out, y)
        if opt is not None:
            opt.zero_grad()
            loss.backward()
            opt.step()
        loss_sum += loss.item() * len(y)
        hits += ((out > 0).float() == y).sum().item()
    return loss_sum / len(rows), hits / len(rows)


model = Satisfaction()
adam = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    a, b = run_epoch(model, train, adam), run_epoch(model, test)
    print(f"epoch {epoch} train loss {a[0]:.3f} accuracy {a[1]:.3f} test loss {b[0]:.3f} accuracy {b[1]:.3f}")
