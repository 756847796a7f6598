"""Tag people and places in short messages with a BiLSTM; sentences differ a lot in length."""
import argparse
import random

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--hidden", type=int, default=24)
ap.add_argument("--steps", type=int, default=100)
opt = ap.parse_args()
random.seed(71)
torch.manual_seed(71)
TAGS = ["PAD", "O", "PER", "LOC"]
first = [a + b for a in "An Be Cor Da El Fre Gi Ha".split() for b in "na ro lia ni".split()]
towns = [a + b for a in "Nor Sud Wes Est Al".split() for b in "ford ham by stad".split()]
plain = "we met at the with from in near and later again before going to see have lunch today".split()
vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + first + towns + plain)}


def message():
    n = random.choice([3, 4, 5, 6, 7, 8, 40])
    words, tags = [], []
    for _ in range(n):
        r = random.random()
        if r < 0.08:
            words.append(random.choice(first)), tags.append(2)
        elif r < 0.16:
            words.append(random.choice(towns)), tags.append(3)
        elif r < 0.2:  # a surname after a town's name is still a person
            words += [random.choice(first), random.choice(towns)]
            tags += [2, 2]
        else:
            words.append(random.choice(plain)), tags.append(1)
    return words, tags


def tensors(rows):
    n = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    y = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (w, t) in enumerate(rows):
        x[i, : len(w)] = torch.tensor([vocab[a] for a in w])
        y[i, : len(t)] = torch.tensor(t)
    return x, torch.tensor([len(w) for w, _ in rows]), y


class BiLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), 20, padding_idx=0)
        self.l = nn.LSTM(20, opt.hidden, bidirectional=True, batch_first=True)
        self.o = nn.Linear(2 * opt.hidden, len(TAGS))

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.l(packed)[0], batch_first=True)
        return self.o(h)


model = BiLSTM()
adam = torch.optim.Adam(model.parameters(), lr=5e-3)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=0)
# end
xt, nt, yt = tensors([message() for _ in range(300)])
for step in range(1, opt.steps + 1):
    x, n, y = tensors([message() for _ in range(16)])
    loss = criterion(model(x, n).transpose(1, 2), y)
    adam.zero_grad()
    loss.backward()
    adam.step()
    if step % 20 == 0:
        with torch.no_grad():
            p = model(xt, nt).argmax(-1)
        # fault:
        accuracy = (p == yt).float().mean()
        # mended:
        # accuracy = (p == yt)[yt > 0].float().mean()
        # end
        named = yt > 1
        print(f"step {step} loss {loss.item():.3f} accuracy {accuracy:.3f} names found {(p == yt)[named].float().mean():.3f}")
