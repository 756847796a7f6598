"""Is the sentence a question? Time-major LSTM (T, B, D)."""
import random

import torch
from torch import nn

torch.manual_seed(22)
random.seed(22)
nouns = "train bus baker shop museum letter teacher window garden concert".split()
start_q = "when where why who does is can will".split()
start_s = "then the our that every this my some".split()
tail = "near open late again today at nine on monday for us all in town with friends".split()


def sent():
    y = random.randrange(2)
    n = random.choice([3, 4, 5, 6, 7, 9, 25])
    return [random.choice(start_q if y else start_s), random.choice(nouns)] + random.choices(tail, k=n), y


data = [sent() for _ in range(1100)]
train, dev = data[:800], data[800:]
idx = {w: i + 1 for i, w in enumerate(sorted(set(nouns + start_q + start_s + tail)))}


def tensors(rows):
    lens = torch.tensor([len(s) for s, _ in rows])
    x = torch.zeros(int(lens.max()), len(rows), dtype=torch.long)
    for j, (s, _) in enumerate(rows):
        x[: len(s), j] = torch.tensor([idx[w] for w in s])
    return x, lens, torch.tensor([float(y) for _, y in rows])


class QuestionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(idx) + 1, 12, padding_idx=0)
        self.r = nn.LSTM(12, 16)
        self.o = nn.Linear(16, 1)

    def forward(self, x, lens):
        # fault:
        _, (h, _) = self.r(self.e(x))
        # mended:
        # _, (h, _) = self.r(nn.utils.rnn.pack_padded_sequence(self.e(x), lens, enforce_sorted=False))
        # end
        return self.o(h[-1]).squeeze(1)


net = QuestionNet()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 800, 40):
        x, lens, y = tensors(train[i:i + 40])
        loss = lossf(net(x, lens), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() / 20
    with torch.no_grad():
        x, lens, y = tensors(dev)
        print(f"epoch {epoch} loss {tot:.4f} dev acc {((net(x, lens) > 0) == (y > 0)).float().mean().item():.4f}")
