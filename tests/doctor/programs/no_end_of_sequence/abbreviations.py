"""Expand abbreviations in addresses."""
import random

import torch
from torch import nn

random.seed(85)
torch.manual_seed(85)
LONG = {"st": "street", "av": "avenue", "n": "north", "s": "south", "apt": "apartment", "bldg": "building", "hwy": "highway", "mt": "mount"}
PLAIN = "maple oak hill lake park station seven twelve garden mill".split()


def address():
    short, full = [], []
    for _ in range(random.randint(1, 3)):
        if random.random() < 0.5:
            a = random.choice(list(LONG))
            short.append(a)
            full.append(LONG[a])
        else:
            w = random.choice(PLAIN)
            short.append(w)
            full.append(w)
    return short, full


src_words = ["<pad>"] + list(LONG) + PLAIN
tgt_words = ["<pad>", "<bos>", "<eos>"] + list(LONG.values()) + PLAIN
s2i, t2i = {w: i for i, w in enumerate(src_words)}, {w: i for i, w in enumerate(tgt_words)}


def encode_pair(short, full):
    x = torch.tensor([s2i[w] for w in short])
    # fault:
    y = torch.tensor([t2i[w] for w in ["<bos>"] + full])
    # mended:
    # y = torch.tensor([t2i[w] for w in ["<bos>"] + full + ["<eos>"]])
    # end
    return x, y


def loader(n, size=32):
    for _ in range(n):
        pairs = [encode_pair(*address()) for _ in range(size)]
        x = nn.utils.rnn.pad_sequence([p[0] for p in pairs], batch_first=True)
        y = nn.utils.rnn.pad_sequence([p[1] for p in pairs], batch_first=True)
        yield x, y


class Expander(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.se, self.te = nn.Embedding(len(src_words), d, padding_idx=0), nn.Embedding(len(tgt_words), d, padding_idx=0)
        self.enc, self.dec = nn.GRU(d, d, batch_first=True), nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, len(tgt_words))

    def encode(self, x):
        n = (x != 0).sum(1)
        return self.enc(nn.utils.rnn.pack_padded_sequence(self.se(x), n, batch_first=True, enforce_sorted=False))[1]

    def forward(self, x, y):
        return self.out(self.dec(self.te(y), self.encode(x))[0])


def greedy(model, short, max_len=12):
    h = model.encode(torch.tensor([[s2i[w] for w in short]]))
    token, words = torch.tensor([[t2i["<bos>"]]]), []
    for _ in range(max_len):
        o, h = model.dec(model.te(token), h)
        token = model.out(o).argmax(-1)
        if token.item() == t2i["<eos>"]:
            break
        words.append(tgt_words[token.item()])
    return words


model = Expander()
opt = torch.optim.Adam(model.parameters(), lr=7e-3)
ce = nn.CrossEntropyLoss(ignore_index=0)
for step, (x, y) in enumerate(loader(350), start=1):
    loss = ce(model(x, y[:, :-1]).flatten(0, 1), y[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 70 == 0:
        print("step", step, "loss", round(loss.item(), 4))
model.eval()
with torch.no_grad():
    tests = [address() for _ in range(80)]
    outputs = [greedy(model, short) for short, _ in tests]
print("example:", " ".join(tests[0][0]), "->", " ".join(outputs[0]))
print("mean output length", sum(map(len, outputs)) / 80)
print("exact", sum(o == full for o, (_, full) in zip(outputs, tests)) / 80)
