"""Seq2seq: '3 mar 2015' -> '15-03-03', character by character."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(7)
torch.manual_seed(7)
months = "january february march april may june july august september october november december".split()
chars = "^$0123456789-abcdefghijklmnopqrstuvwxyz ,."
c2i = {c: i + 1 for i, c in enumerate(chars)}


def make_pair():
    y, m, d = random.randint(1990, 2029), random.randint(1, 12), random.randint(1, 28)
    name = months[m - 1][:3]
    text = random.choice([f"{d} {name} {y}", f"{name} {d}, {y}", f"{d}. {name} {y % 100:02d}"])
    return text, f"{y % 100:02d}-{m:02d}-{d:02d}"


pairs = sorted({make_pair() for _ in range(3000)})
random.shuffle(pairs)
targets = {}
for s, t in pairs:
    targets.setdefault(t, []).append(s)
keys = list(targets)
random.shuffle(keys)
dev_pairs = [(s, t) for t in keys[:200] for s in targets[t]]
train_pairs = [(s, t) for t in keys[200:] for s in targets[t]]


def tensors(rows):
    src = [torch.tensor([c2i[c] for c in s]) for s, _ in rows]
    trg = torch.tensor([[c2i[c] for c in "^" + t + "$"] for _, t in rows])
    return pad_sequence(src, batch_first=True), torch.tensor([len(s) for s in src]), trg


class Encoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.embedding = nn.Embedding(len(c2i) + 1, 24, padding_idx=0)
        self.rnn = nn.GRU(24, hid, batch_first=True)

    def forward(self, src, lengths):
        packed = pack_padded_sequence(self.embedding(src), lengths, batch_first=True, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, hid):
        super().__init__()
        self.embedding = nn.Embedding(len(c2i) + 1, 24)
        self.rnn = nn.GRU(24, hid, batch_first=True)
        self.fc_out = nn.Linear(hid, len(c2i) + 1)

    def forward(self, y, hidden):
        out, new = self.rnn(self.embedding(y), hidden)
        return self.fc_out(out), new


class Seq2Seq(nn.Module):
    def __init__(self, hid=96):
        super().__init__()
        self.encoder, self.decoder = Encoder(hid), Decoder(hid)

    def forward(self, src, lengths, trg):
        hidden = self.encoder(src, lengths)
        # fault:
        output, _ = self.decoder(trg, None)
        # mended:
        # output, _ = self.decoder(trg, hidden)
        # end
        return output

    def generate(self, src, lengths):
        hidden = self.encoder(src, lengths)
        # fault:
        hidden = None
        # mended:
        # hidden = hidden.contiguous()
        # end
        y = torch.full((len(src), 1), c2i["^"])
        result = []
        for _ in range(8):
            out, hidden = self.decoder(y, hidden)
            y = out.argmax(2)
            result.append(y)
        return torch.cat(result, 1)


model = Seq2Seq()
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(9):
    random.shuffle(train_pairs)
    for i in range(0, len(train_pairs), 40):
        src, lengths, trg = tensors(train_pairs[i : i + 40])
        loss = criterion(model(src, lengths, trg[:, :-1]).transpose(1, 2), trg[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    with torch.no_grad():
        src, lengths, trg = tensors(dev_pairs)
        right = (model.generate(src, lengths) == trg[:, 1:-1]).float()
    print(f"epoch {epoch:2d} loss {loss.item():.3f} dev characters {right.mean():.3f} dev dates {right.prod(1).mean():.3f}")
