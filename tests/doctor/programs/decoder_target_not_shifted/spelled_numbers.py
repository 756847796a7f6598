"""Spell a number in words, letter by letter: encoder GRU, decoder cell, and a loop over the places of the target."""
import random

import torch
from torch import nn

random.seed(83)
torch.manual_seed(83)
WORDS = "zero one two three four five six seven eight nine".split()
CHARS = ["<pad>", "<sos>", "<eos>"] + sorted(set("".join(WORDS)) | {" "})
ID = {c: i for i, c in enumerate(CHARS)}


def pair():
    digits = [random.randrange(10) for _ in range(random.randint(1, 3))]
    return digits, [ID["<sos>"]] + [ID[c] for c in " ".join(WORDS[d] for d in digits)] + [ID["<eos>"]]


def batch(n=24):
    rows = [pair() for _ in range(n)]
    src = nn.utils.rnn.pad_sequence([torch.tensor(d) + 1 for d, _ in rows])
    trg = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in rows])
    return src, trg


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb, self.rnn = nn.Embedding(11, h, padding_idx=0), nn.GRU(h, h)

    def forward(self, src):
        lengths = (src > 0).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lengths, enforce_sorted=False)
        return self.rnn(packed)[1][0]


class Decoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb, self.cell, self.out = nn.Embedding(len(CHARS), h), nn.GRUCell(h, h), nn.Linear(h, len(CHARS))

    def forward(self, token, h):
        h = self.cell(self.emb(token), h)
        return self.out(h), h


encoder, decoder = Encoder(48), Decoder(48)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=4e-3)
criterion = nn.CrossEntropyLoss(ignore_index=0)
for step in range(250):
    src, trg = batch()
    h = encoder(src)
    loss = 0.0
    for t in range(1, len(trg)):
        # fault:
        logits, h = decoder(trg[t], h)
        # mended:
        # logits, h = decoder(trg[t - 1], h)
        # end
        loss = loss + criterion(logits, trg[t]) if (trg[t] > 0).any() else loss
    loss = loss / (len(trg) - 1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        print(step + 1, loss.item())
with torch.no_grad():
    src, trg = batch(3)
    for n in range(3):
        h, token, said = encoder(src[:, n : n + 1]), torch.tensor([ID["<sos>"]]), ""
        for _ in range(20):
            logits, h = decoder(token, h)
            token = logits.argmax(1)
            if token.item() == ID["<eos>"]:
                break
            said += CHARS[token.item()]
        print([d - 1 for d in src[:, n].tolist() if d], "->", said)
