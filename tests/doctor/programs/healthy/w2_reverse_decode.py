"""Spelling English number words backwards from digits: the decoder writes right to left (units first), Luong attention,
half of the training steps feed the model's own predictions."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(52)
torch.manual_seed(52)
W = "zero one two three four five six seven eight nine".split()
PAD, BOS, EOS = 0, 1, 2
src_ix = {str(i): i + 1 for i in range(10)}
tgt_ix = {w: i + 3 for i, w in enumerate(W + ["point", "minus"])}


def example():
    n = "".join(random.choices("0123456789", k=random.randint(2, 5)))
    return n, [W[int(c)] for c in n][::-1]


seen = {}
while len(seen) < 3300:
    n, ws = example()
    seen[n] = ws
items = list(seen.items())
random.shuffle(items)
train, test = items[:3000], items[3000:]


def collate(rows):
    # time-major, as nn.LSTM likes it
    src = nn.utils.rnn.pad_sequence([torch.tensor([src_ix[c] for c in n]) for n, _ in rows])
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([tgt_ix[w] for w in ws] + [EOS]) for _, ws in rows])
    return src, tgt


class Speller(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.se, self.te = nn.Embedding(11, 24, padding_idx=0), nn.Embedding(15, 24, padding_idx=0)
        self.enc = nn.LSTM(24, h)
        self.cell = nn.LSTMCell(24 + h, h)
        self.out = nn.Linear(2 * h, 15)

    def forward(self, src, tgt=None, own=0.0, steps=8):
        lens = (src > 0).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.se(src), lens, enforce_sorted=False)
        mem, (h, c) = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem)
        blocked = (src == 0).t()
        h, c, ctx = h[0], c[0], torch.zeros_like(h[0])
        tok = torch.full((src.size(1),), BOS)
        outs = []
        for t in range(steps if tgt is None else len(tgt)):
            h, c = self.cell(torch.cat([self.te(tok), ctx], 1), (h, c))
            a = torch.einsum("bh,tbh->bt", h, mem).masked_fill(blocked, float("-inf")).softmax(1)
            ctx = torch.einsum("bt,tbh->bh", a, mem)
            o = self.out(torch.cat([h, ctx], 1))
            outs.append(o)
            tok = o.detach().argmax(1) if tgt is None or random.random() < own else tgt[t]
        return torch.stack(outs)


net = Speller()
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 40):
        src, tgt = collate(train[i:i + 40])
        out = net(src, tgt, own=0.5)
        loss = F.cross_entropy(out.flatten(0, 1), tgt.flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        run += loss.item()
    net.eval()
    with torch.no_grad():
        src, tgt = collate(test)
        got = net(src).argmax(-1).t().tolist()
    right = 0
    for g, (_, ws) in zip(got, test):
        g = g[:g.index(EOS)] if EOS in g else g
        right += g == [tgt_ix[w] for w in ws]
    print(f"epoch {epoch} loss {run / 75:.4f} exact {right / len(test):.3f}")
