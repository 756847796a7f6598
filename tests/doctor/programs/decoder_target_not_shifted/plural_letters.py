"""Spell the plural of an invented noun: character encoder, GRU decoder, greedy decoding at the end."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(83)
torch.manual_seed(83)
PAD, SOS, EOS = 0, 1, 2
letters = "abdegiklmnoprstuy"
c2i = {c: i + 3 for i, c in enumerate(letters)}


def noun():
    w = "".join(random.choice("bdgklmnprst") + random.choice("aeiou") for _ in range(2)) + random.choice("nlrtsy")
    if w[-1] == "s":
        p = w + "es"
    elif w[-1] == "y":
        p = w[:-1] + "ies"
    elif w[-1] == "n":
        p = w[:-1] + "a"
    else:
        p = w + "s"
    return w, p


def data(ws):
    enc = lambda s: torch.tensor([c2i[c] for c in s])
    src = torch.stack([enc(w) for w, _ in ws])
    tgt = nn.utils.rnn.pad_sequence([torch.cat([torch.tensor([SOS]), enc(p), torch.tensor([EOS])]) for _, p in ws], batch_first=True)
    return src, tgt


class Speller(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(letters) + 3, d, padding_idx=PAD)
        self.enc = nn.GRU(d, d, batch_first=True)
        self.dec = nn.GRU(2 * d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(letters) + 3)

    def forward(self, src, y, state=None):
        memory, h = self.enc(self.emb(src))
        state = h if state is None else state
        e = self.emb(y)
        ctx = memory[:, -1:].expand(-1, y.size(1), -1)
        o, state = self.dec(torch.cat([e, ctx], -1), state)
        att = (o @ memory.transpose(1, 2) / 48**0.5).softmax(-1) @ memory
        return self.out(torch.cat([o, att], -1)), state


model = Speller()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
nouns = sorted({noun() for _ in range(1900)})
random.shuffle(nouns)
src, tgt = data(nouns[200:1700])
test_src, test_tgt = data(nouns[:200])


@torch.no_grad()
def greedy():
    y, state, outs = torch.full((200, 1), SOS), None, []
    for _ in range(test_tgt.size(1) - 1):
        logits, state = model(test_src, y, state)
        y = logits[:, -1:].argmax(-1)
        outs.append(y)
    outs = torch.cat(outs, 1)
    ended = (outs == EOS).cumsum(1) - (outs == EOS).long() > 0
    return (outs.masked_fill(ended, PAD) == test_tgt[:, 1:]).all(1).float().mean().item()


for epoch in range(1, 8):
    total = 0.0
    for b in torch.randperm(len(src)).split(50):
        y = tgt[b]
        # fault:
        logits, _ = model(src[b], y[:, 1:])
        # mended:
        # logits, _ = model(src[b], y[:, :-1])
        # end
        loss = F.cross_entropy(logits.transpose(1, 2), y[:, 1:], ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 30:.4f} plurals spelled right {greedy():.3f}")
