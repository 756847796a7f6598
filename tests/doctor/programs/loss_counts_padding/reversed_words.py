"""Reverse a word: GRU encoder-decoder; the loss is a sum over places divided by their number."""
import random

import torch
from torch import nn

random.seed(85)
torch.manual_seed(85)
PAD, SOS, EOS = 0, 1, 2
LETTERS = "abcdefghijkl"


def word():
    return [3 + random.randrange(len(LETTERS)) for _ in range(random.choice((2, 3, 4, 5, 9)))]


def pad(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True)


class Reverser(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.emb = nn.Embedding(15, h, padding_idx=PAD)
        self.enc, self.dec = nn.GRU(h, h, batch_first=True), nn.GRU(h, h, batch_first=True)
        self.out = nn.Linear(h, 15)

    def forward(self, src, inp):
        n = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), n, batch_first=True, enforce_sorted=False)
        return self.out(self.dec(self.emb(inp), self.enc(packed)[1])[0])


def sequence_loss(logits, gold):
    each = logits.logsumexp(-1) - logits.gather(-1, gold.unsqueeze(-1)).squeeze(-1)
    # fault:
    return each.sum() / each.numel()
    # mended:
    # real = gold != PAD
    # return each[real].sum() / real.sum()
    # end


model = Reverser()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(300):
    words = [word() for _ in range(32)]
    src, gold = pad(words), pad([w[::-1] + [EOS] for w in words])
    inp = pad([[SOS] + w[::-1] for w in words])
    loss = sequence_loss(model(src, inp), gold)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 60 == 59:
        print(step + 1, loss.item())


@torch.no_grad()
def decode(w):
    out = [SOS]
    while len(out) < 12 and out[-1] != EOS:
        out.append(model(torch.tensor([w]), torch.tensor([out]))[0, -1].argmax().item())
    return out[1:-1]


words = [word() for _ in range(60)]
print("right", sum(decode(w) == w[::-1] for w in words) / 60)
